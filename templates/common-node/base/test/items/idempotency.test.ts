import { expect } from 'vitest';

// <% if .accounts %>
import { authorization } from '../support/accounts.ts';
// <% end %>
import { test } from '../support/service.ts';

const URL = '/v1/items';
const KEY = { 'Idempotency-Key': 'key-of-8-or-more' };

// <% if .accounts %>
test('keys of others are others', async ({ api }) => {
  const other = await authorization(api.config, 'bob@example.com');
  const mine = await api.post(URL, { title: 'x' }, KEY);
  const theirs = await api.post(URL, { title: 'x' }, { ...KEY, ...other });
  expect([mine.status, theirs.status]).toEqual([201, 201]);
  expect(mine.json['id']).not.toBe(theirs.json['id']);
});

test('no other route forgets the key', async ({ api }) => {
  const answer = await api.post('/v1/me/email/confirm', { token: 'x' }, { 'Idempotency-Key': 'short' });
  expect(answer.status).toBe(400);
});

// <% end %>
test('the same request gives the first answer', async ({ api }) => {
  const first = await api.post(URL, { title: 'Once' }, KEY);
  const again = await api.post(URL, { title: 'Once' }, { 'Idempotency-Key': `"${KEY['Idempotency-Key']}"` });
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.text).toBe(first.text);
  for (const name of ['location', 'content-type']) expect(again.headers[name]).toBe(first.headers[name]);
  expect(first.headers).not.toHaveProperty('idempotent-replayed');
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect((await api.get(URL)).json['items']).toHaveLength(1);
});

test('another body is a mistake', async ({ api }) => {
  await api.post(URL, { title: 'Once' }, KEY);
  const answer = await api.post(URL, { title: 'Twice' }, KEY);
  expect(answer).toMatchObject({ status: 422, json: { type: '/problems/idempotency-mismatch' } });
});

test('refusals are not kept', async ({ api }) => {
  expect((await api.post(URL, {}, KEY)).status).toBe(422);
  expect((await api.post(URL, { title: 'Right' }, KEY)).status).toBe(201);
});

test.for(['short', 'x'.repeat(65), 'with space', '"half-quoted', ''])('%s is no key', async (key, { api }) => {
  expect((await api.post(URL, { title: 'x' }, { 'Idempotency-Key': key })).status).toBe(400);
});

test('many at once make one', async ({ api }) => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.post(URL, { title: 'x' }, KEY)));
  expect(new Set(answers.map(({ status }) => status)).isSubsetOf(new Set([201, 409]))).toBe(true);
  expect((await api.get(URL)).json['items']).toHaveLength(1);
});
