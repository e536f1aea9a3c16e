import type { CreateTableBuilder, Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('users')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .addColumn('email', 'varchar(254)', (column) => column.notNull().unique())
    .addColumn('name', 'varchar(100)')
    .addColumn('role', 'varchar(20)', (column) => column.notNull())
    .addColumn('password_hash', 'varchar(255)')
    .addColumn('verified_at', 'timestamptz')
    .addColumn('disabled_at', 'timestamptz')
    .addColumn('failed_logins', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .execute();
  await schema
    .createTable('sessions')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    .$call(belongsTo('user_id', 'users.id'))
    .addColumn('auth_time', 'timestamptz', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('last_seen_at', 'timestamptz', (column) => column.notNull())
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addColumn('ip', 'varchar(45)', (column) => column.notNull())
    .addColumn('user_agent', 'varchar(200)', (column) => column.notNull())
    .execute();
  await schema
    .createTable('refresh_tokens')
    .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey())
    .$call(belongsTo('session_id', 'sessions.id'))
    .addColumn('used_at', 'timestamptz')
    .execute();
  await schema
    .createTable('one_time_tokens')
    .addColumn('token_hash', 'varchar(64)', (column) => column.primaryKey())
    .$call(belongsTo('user_id', 'users.id'))
    .addColumn('purpose', 'varchar(20)', (column) => column.notNull())
    .addColumn('new_email', 'varchar(254)')
    .addColumn('expires_at', 'timestamptz', (column) => column.notNull())
    .addColumn('used_at', 'timestamptz')
    .execute();
  await schema.createIndex('sessions_user_id').on('sessions').column('user_id').execute();
  await schema.createIndex('refresh_tokens_session_id').on('refresh_tokens').column('session_id').execute();
  await schema.createIndex('one_time_tokens_user_id').on('one_time_tokens').column('user_id').execute();
}

/** The row goes with its parent. */
function belongsTo<Name extends string>(name: Name, parent: string) {
  return <Table extends string, Columns extends string>(table: CreateTableBuilder<Table, Columns>) =>
    table.addColumn(name, 'uuid', (column) => column.notNull().references(parent).onDelete('cascade'));
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropTable('one_time_tokens').execute();
  await schema.dropTable('refresh_tokens').execute();
  await schema.dropTable('sessions').execute();
  await schema.dropTable('users').execute();
}
