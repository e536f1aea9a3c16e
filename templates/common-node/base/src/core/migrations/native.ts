import type { Kysely } from 'kysely';

/** How a session keeps its refresh token: in a cookie, or in the client. */
export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .alterTable('sessions')
    .addColumn('transport', 'varchar(10)', (column) => column.notNull().defaultTo('cookie'))
    .execute();
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('sessions').dropColumn('transport').execute();
}
