/**
 * What the generated service is measured against: the same row, the same driver, no security.
 *
 *   cp bare.mjs SERVICE/ && cd SERVICE && DATABASE_URL=sqlite:////path/of/service.db PORT=8100 node bare.mjs
 */
import express from 'express';

import { openDatabase } from './dist/core/db.js';

const { kysely } = await openDatabase(process.env.DATABASE_URL);
const app = express();

app.get('/v1/items/:id', async (req, res) => {
  const columns = ['id', 'title', 'body', 'created_at', 'updated_at'];
  const item = await kysely.selectFrom('items').select(columns).where('id', '=', req.params.id).executeTakeFirst();
  if (item === undefined) res.status(404).end();
  else res.json(item);
});

app.get('/readyz', (_req, res) => {
  res.json({ status: 'ok' });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
