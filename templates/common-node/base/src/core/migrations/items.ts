import type { Kysely } from 'kysely';

export async function up({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('items')
    .addColumn('id', 'uuid', (column) => column.primaryKey())
    // <% if .accounts %>
    .addColumn('owner_id', 'uuid', (column) => column.notNull().references('users.id').onDelete('cascade'))
    // <% end %>
    .addColumn('title', 'varchar(200)', (column) => column.notNull())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('created_at', 'timestamptz', (column) => column.notNull())
    .addColumn('updated_at', 'timestamptz', (column) => column.notNull())
    .execute();
  // In the order of the list.
  // <% if .accounts %>
  await schema.createIndex('items_list').on('items').columns(['owner_id', 'created_at', 'id']).execute();
  // <% else %>
  await schema.createIndex('items_list').on('items').columns(['created_at', 'id']).execute();
  // <% end %>
}

export async function down({ schema }: Kysely<unknown>): Promise<void> {
  await schema.dropTable('items').execute();
}
