// What a person's front-end does, with nothing but the typed client.

import { createClient, type Schemas } from './index.ts';

declare const process: { argv: string[]; stdin: AsyncIterable<Uint8Array> };

const [, , baseUrl = '', email = ''] = process.argv;
const password = 'seventeen green lamps sing';
let session: Schemas['SignedIn'] | undefined;
const api = createClient({ baseUrl, accessToken: () => session?.access_token });

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

function must<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

async function mailedToken(): Promise<string> {
  for await (const chunk of process.stdin) return new TextDecoder().decode(chunk).trim();
  throw new Error('no token came');
}

const accepted = must(await api.POST('/v1/auth/register', { body: { email, password } }));
check(accepted.status === 'accepted', 'registration is accepted');
const verified = await api.POST('/v1/auth/verify-email', { body: { token: await mailedToken(), password } });
check(verified.response.status === 204, 'the mailed token opens the account');

const wrong = await api.POST('/v1/auth/login', { body: { email, password: `${password}!` } });
check(wrong.error?.status === 401 && wrong.error.request_id.length >= 8, 'a wrong password is a problem with an id');
session = must(await api.POST('/v1/auth/login', { body: { email, password, transport: 'body' } }));
const role: 'admin' | 'user' = session.user.role;
check(role === 'user' && session.token_type === 'Bearer', 'a user is signed in');

const retry = { body: { title: 'First' }, params: { header: { 'Idempotency-Key': 'client-flow-1' } } };
const created = await api.POST('/v1/items', retry);
const item = must(created);
check(created.response.headers.get('location') === `/v1/items/${item.id}`, 'the answer says where the item is');
check(must(await api.POST('/v1/items', retry)).id === item.id, 'a retry makes no second item');
const page = must(await api.GET('/v1/items', { params: { query: { limit: 10 } } }));
check(page.items.length === 1 && page.next_cursor === null, 'one item is listed');
const path = { item_id: item.id };
const changed = must(await api.PATCH('/v1/items/{item_id}', { params: { path }, body: { body: 'text' } }));
check(changed.title === 'First' && changed.body === 'text', 'what is left out stays');
const deleted = await api.DELETE('/v1/items/{item_id}', { params: { path } });
check(deleted.response.status === 204, 'the item is deleted');
const gone = await api.GET('/v1/items/{item_id}', { params: { path } });
check(gone.error?.status === 404 && gone.error.type.endsWith('/problems/not-found'), 'it is not found any more');
const invalid = await api.POST('/v1/items', { body: { title: '' } });
check(invalid.error?.errors?.[0]?.pointer === '/title', 'a problem names the member');
// @ts-expect-error: what the document calls a string does not compile as a number.
const number = await api.POST('/v1/items', { body: { title: 1 } });
check(number.error?.status === 422, 'and is refused');

check(session.refresh_token !== undefined, 'a refresh token came in the body');
const used = session.refresh_token ?? '';
session = must(await api.POST('/v1/auth/refresh', { body: { refresh_token: used } }));
check(session.refresh_token !== used, 'the refresh token is a new one');
check(must(await api.GET('/v1/me')).email === email, 'the new access token works');
const keys: Schemas['Key'][] = must(await api.GET('/.well-known/jwks.json')).keys;
check(keys.length > 0, 'the keys are published');
const out = await api.POST('/v1/auth/logout', { body: { refresh_token: session.refresh_token ?? '' } });
check(out.response.status === 204, 'signed out');
check((await api.GET('/v1/me')).error?.status === 401, 'the access token died with the session');
