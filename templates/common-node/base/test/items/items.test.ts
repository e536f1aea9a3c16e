// <% if .accounts %>
import { randomUUID } from 'node:crypto';

// <% end %>
import { expect } from 'vitest';

// <% if .accounts %>
import { authorization } from '../support/accounts.ts';
// <% if .remote_items %>
import { startService, test, type TestService } from '../support/service.ts';
// <% else %>
import { listen, startApi, startService, test, type TestService } from '../support/service.ts';
// <% end %>
// <% else %>
import { startApi, test, type TestService } from '../support/service.ts';
// <% end %>

const URL = '/v1/items';
const MEMBERS = ['id', 'title', 'body', 'created_at', 'updated_at'];

async function create(api: TestService, title = 'First'): Promise<string> {
  const answer = await api.post(URL, { title });
  expect(answer.status).toBe(201);
  return String(answer.headers.location);
}

async function list(api: TestService, query = ''): Promise<{ items: { id: string }[]; next_cursor: string | null }> {
  const { status, text } = await api.get(URL + query);
  expect(status).toBe(200);
  return JSON.parse(text);
}

// <% if .accounts %>
test.each([
  ['GET', URL],
  ['POST', URL],
  ['GET', `${URL}/${randomUUID()}`],
  ['PATCH', `${URL}/${randomUUID()}`],
  ['DELETE', `${URL}/${randomUUID()}`],
])('anonymous %s %s is refused', async (method, path) => {
  const service = await startService();
  const sent = method === 'GET' || method === 'DELETE' ? {} : { json: {} };
  expect(await service.send(method, path, sent)).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
  });
});

test("another's item does not exist", async ({ api }) => {
  const path = await create(api);
  const other = await authorization(api.config, 'bob@example.com');
  for (const [method, json] of [['GET'], ['PATCH', { title: 'Mine' }], ['DELETE']] as const) {
    const theirs = await api.send(method, path, { json, headers: other });
    const nothing = await api.send(method, `${URL}/${randomUUID()}`, { json, headers: other });
    expect([theirs.status, nothing.status]).toEqual([404, 404]);
    expect({ ...theirs.json, request_id: '' }).toEqual({ ...nothing.json, request_id: '' });
  }
  expect((await api.get(URL, other)).json).toEqual({ items: [], next_cursor: null });
  expect((await api.get(path)).json['title']).toBe('First');
});

// <% end %>
test('the life of an item', async ({ api }) => {
  const path = await create(api);
  const first = (await api.get(path)).json;
  expect(Object.keys(first)).toEqual(MEMBERS);
  const changed = (await api.send('PATCH', path, { json: { title: 'Second' } })).json;
  expect(changed).toMatchObject({ title: 'Second', body: '', id: first['id'] });
  expect(String(changed['updated_at']) >= String(first['updated_at'])).toBe(true);
  const gone = await api.send('DELETE', path);
  expect(gone).toMatchObject({ status: 204, text: '' });
  expect(gone.headers).not.toHaveProperty('content-type');
  expect((await api.get(path)).status).toBe(404);
  expect((await api.send('PATCH', path, { json: { title: 'Third' } })).status).toBe(404);
  expect((await api.send('DELETE', path)).status).toBe(404);
  expect((await api.get(`${URL}/1`)).status).toBe(404);
});

test('what is sent comes back as it was', async ({ api }) => {
  for (const title of ['<b>%253C</b>', '\u202eright to left', '👩‍👩‍👧'.repeat(20)]) {
    expect((await api.get(await create(api, title))).json['title']).toBe(title);
  }
});

test.for<[string, string]>([
  ['{}', '/title'],
  ['{"title":""}', '/title'],
  ['{"title":1}', '/title'],
  ['{"title":null}', '/title'],
  [String.raw`{"title":"a\r\nb"}`, '/title'],
  [String.raw`{"title":"a\u0000"}`, '/title'],
  [String.raw`{"title":"\ud800"}`, '/title'],
  [`{"title":"${'x'.repeat(201)}"}`, '/title'],
  [String.raw`{"title":"x","body":"\u0000"}`, '/body'],
  ['{"title":"x","owner_id":"true"}', '/owner_id'],
  ['{"title":"x","a/b~c":"true"}', '/a~1b~0c'],
  ['{"title":"x","__proto__":{"admin":"true"}}', '/__proto__'],
])('%.40s: the wrong member is named, not quoted', async ([body, pointer], { api }) => {
  const answer = await api.send('POST', URL, { body });
  expect(answer.status).toBe(422);
  expect(answer.json['errors']).toEqual([{ pointer, detail: expect.any(String) }]);
  expect(answer.text).not.toContain('true');
  expect((await list(api)).items).toEqual([]);
});

test('null is no way to leave a member out', async ({ api }) => {
  const path = await create(api);
  expect((await api.send('PATCH', path, { json: { title: null } })).status).toBe(422);
  expect((await api.send('PATCH', path, { json: {} })).json['title']).toBe('First');
});

test('pages hold each item once', async ({ api }) => {
  const created = new Set<string>();
  for (let number = 0; number < 25; number += 1) created.add(await create(api));
  const seen: string[] = [];
  let query = '?limit=10';
  for (let number = 0; number < 3; number += 1) {
    const { items, next_cursor } = await list(api, query);
    seen.push(...items.map(({ id }) => `${URL}/${id}`));
    expect(next_cursor === null).toBe(number === 2);
    query = `?limit=10&cursor=${next_cursor}`;
    await create(api, 'Meanwhile');
  }
  expect(seen).toHaveLength(25);
  expect(new Set(seen)).toEqual(created);
});

test.for(['0', '-1', '101', '1.5', 'abc', '%2B5', '1_0', '9223372036854775808', ''])(
  'limit=%s is refused',
  async (limit, { api }) => {
    expect((await api.get(`${URL}?limit=${limit}`)).status).toBe(422);
  },
);

test('a cursor cannot be changed, nor used by another', async ({ api }) => {
  await create(api);
  await create(api);
  const cursor = String((await list(api, '?limit=1')).next_cursor);
  const flipped = (cursor.startsWith('A') ? 'B' : 'A') + cursor.slice(1);
  for (const wrong of [flipped, 'A', '%3Cscript%3E', 'A'.repeat(300), `${cursor}=`]) {
    expect((await api.get(`${URL}?cursor=${wrong}`)).status).toBe(400);
  }
  expect((await api.get(`${URL}?cursor=${cursor}`)).status).toBe(200);
  // <% if .accounts %>
  const other = await authorization(api.config, 'bob@example.com');
  expect((await api.get(`${URL}?cursor=${cursor}`, other)).status).toBe(400);
  // <% end %>
});
// <% if not .remote_items %>

// <% if .accounts %>
// <% if not .remote_items %>
test('a caller who went meanwhile is a conflict, and no fault of ours', async ({ api }) => {
  const replica = await listen(api.config);
  Object.assign(replica.headers, api.headers);
  await list(replica); // and for a second it remembers who asked
  expect((await api.send('DELETE', '/v1/me')).status).toBe(204);
  expect(await replica.post(URL, { title: 'x' })).toMatchObject({ status: 409, json: { type: '/problems/conflict' } });
});

// <% end %>
// <% end %>
test('the cap holds, also for many at once', async () => {
  const api = await startApi({ MAX_ITEMS: '2' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => api.post(URL, { title: 'x' })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 409, 409, 409]);
});
// <% end %>
