/** The tables as SQL sees them. Ids are UUIDs, times ISO 8601 in UTC; both are strings on either database. */

export interface Tables {
  // <% if .accounts %>
  users: UserRow;
  sessions: SessionRow;
  refresh_tokens: RefreshTokenRow;
  one_time_tokens: OneTimeTokenRow;
  // <% end %>
  // <% if not .remote_items %>
  items: ItemRow;
  // <% end %>
  // <% if .idempotency %>
  idempotent_calls: IdempotentCallRow;
  // <% end %>
}
// <% if .accounts %>

export type Role = 'user' | 'admin';

export interface UserRow {
  id: string;
  email: string;
  name: string | null;
  role: Role;
  /** Until the address is verified this is what somebody chose who may not own it. */
  password_hash: string | null;
  verified_at: string | null;
  disabled_at: string | null;
  failed_logins: number;
  created_at: string;
}

/** A session that ended has no row. */
export interface SessionRow {
  id: string;
  user_id: string;
  // <% if .native %>
  transport: 'cookie' | 'body';
  // <% end %>
  auth_time: string;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  ip: string;
  user_agent: string;
}

/** Used ones stay until their session ends, so that a replay is noticed. */
export interface RefreshTokenRow {
  token_hash: string;
  session_id: string;
  used_at: string | null;
}

/** What a link in a mail carries; at most one for each account and purpose is good. */
export interface OneTimeTokenRow {
  token_hash: string;
  user_id: string;
  purpose: string;
  new_email: string | null;
  expires_at: string;
  used_at: string | null;
}
// <% end %>
// <% if not .remote_items %>

export interface ItemRow {
  id: string;
  // <% if .accounts %>
  owner_id: string;
  // <% end %>
  title: string;
  body: string;
  created_at: string;
  updated_at: string;
}
// <% end %>
// <% if .idempotency %>

/** Without a status the first call still runs. */
export interface IdempotentCallRow {
  id: string;
  body_hash: string;
  status: number | null;
  headers: string | null;
  body: string | null;
  created_at: string;
}
// <% end %>
