import type { Kysely } from 'kysely';

export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('idempotent_calls')
    .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('body_hash', 'varchar(64)', (column) => column.notNull())
    .addColumn('status', 'integer')
    .addColumn('headers', 'text')
    .addColumn('body', 'text')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .execute();
  await schema.createIndex('idempotent_calls_age').on('idempotent_calls').column('created_at').execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropTable('idempotent_calls').execute();
}
