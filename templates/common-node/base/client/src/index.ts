/** A typed client for the API: what it may be asked and what it answers is in schema.ts, made from openapi.json. */

import createFetchClient, { type Client } from 'openapi-fetch';

import type { components, paths } from './schema.ts';

export type Schemas = components['schemas'];

export interface Options {
  readonly baseUrl: string;
  // <% if .accounts %>
  /** The access token to send, if there is one now. */
  readonly accessToken?: () => string | undefined;
  // <% end %>
}

// <% if .accounts %>
/** Each call answers `{ data }`, or `{ error }` with a problem (RFC 9457). */
export function createClient({ baseUrl, accessToken }: Options): Client<paths> {
  // Browsers then keep the refresh token's cookie and send it back.
  const client = createFetchClient<paths>({ baseUrl, credentials: 'include' });
  client.use({
    onRequest({ request }) {
      const token = accessToken?.();
      if (token !== undefined) request.headers.set('Authorization', `Bearer ${token}`);
      return request;
    },
  });
  return client;
}
// <% else %>
/** Each call answers `{ data }`, or `{ error }` with a problem (RFC 9457). */
export function createClient({ baseUrl }: Options): Client<paths> {
  return createFetchClient<paths>({ baseUrl });
}
// <% end %>
