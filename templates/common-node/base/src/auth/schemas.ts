/** What requests about accounts contain, and what is answered. */

import { domainToASCII } from 'node:url';

import { z } from 'zod';

import { instant, singleLine, text, uuid } from '../core/schemas.ts';

const LONGEST_ADDRESS = 254;
const LOCAL_PART = /^(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]([a-z\d-]{0,61}[a-z\d])$/;

/** One spelling of an e-mail address: NFKC, lower case, the domain as DNS knows it; undefined for what is no address. */
export function normalForm(sent: string): string | undefined {
  const address = trimmed(sent);
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1));
  if (at < 0 || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return undefined;
  const normal = `${local}@${domain}`;
  return normal.length <= LONGEST_ADDRESS ? normal : undefined;
}

/** The normal form, or for what is no address at all something no account has. */
export function lookupForm(sent: string): string {
  return normalForm(sent) ?? trimmed(sent);
}

function trimmed(sent: string): string {
  return sent.normalize('NFKC').trim().toLowerCase();
}

/** Where nothing must show whether an address has an account, any line will do. */
const anyAddress = singleLine.max(LONGEST_ADDRESS);
const address = anyAddress.meta({ format: 'email' }).transform((value, context) => {
  const normal = normalForm(value);
  if (normal !== undefined) return normal;
  context.addIssue('is not an e-mail address');
  return z.NEVER;
});
/** The policy says which are good; this only bounds the work. */
const password = text.min(1).max(1024);
/** Callers are shown the policy's bounds; it judges in its own words, by normal form and settings. */
const newPassword = password.meta({ minLength: 15, maxLength: 128 });
const name = singleLine.min(1).max(100);
const secret = singleLine.min(1).max(128);

export const Registration = z
  .strictObject({ email: address, password: newPassword.nullable().default(null), name: name.nullable().default(null) })
  .meta({ id: 'Registration' });
export type Registration = z.output<typeof Registration>;

export const AddressOnly = z.strictObject({ email: anyAddress }).meta({ id: 'AddressOnly' });
export type AddressOnly = z.output<typeof AddressOnly>;

export const Verification = z.strictObject({ token: secret, password }).meta({ id: 'Verification' });
export type Verification = z.output<typeof Verification>;

export const Login = z
  .strictObject({
    email: anyAddress,
    password,
    // <% if .native %>
    transport: z.enum(['cookie', 'body']).default('cookie'),
    // <% end %>
  })
  .meta({ id: 'Login' });
export type Login = z.output<typeof Login>;

/** `{}`: a body that no page of another origin can send without asking first. */
// <% if .native %>
export const Renewal = z.strictObject({ refresh_token: secret.nullable().default(null) }).meta({ id: 'Renewal' });
// <% else %>
export const Renewal = z.strictObject({}).meta({ id: 'Renewal' });
// <% end %>
export type Renewal = z.output<typeof Renewal>;

export const Reauthentication = z.strictObject({ password }).meta({ id: 'Reauthentication' });
export type Reauthentication = z.output<typeof Reauthentication>;

export const Confirmation = z.strictObject({ token: secret }).meta({ id: 'Confirmation' });
export type Confirmation = z.output<typeof Confirmation>;

export const PasswordReset = z.strictObject({ token: secret, new_password: newPassword }).meta({ id: 'PasswordReset' });
export type PasswordReset = z.output<typeof PasswordReset>;

export const PasswordChange = z
  .strictObject({ current_password: password, new_password: newPassword })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.output<typeof PasswordChange>;

export const AddressChange = z.strictObject({ new_email: address }).meta({ id: 'AddressChange' });
export type AddressChange = z.output<typeof AddressChange>;

export const Rename = z.strictObject({ name: name.nullable() }).meta({ id: 'Rename' });
export type Rename = z.output<typeof Rename>;

export const Accepted = z.strictObject({ status: z.literal('accepted') }).meta({ id: 'Accepted' });
export type Accepted = z.output<typeof Accepted>;

const user = { id: uuid, email: z.string().meta({ format: 'email' }), role: z.enum(['user', 'admin']) };

export const SignedInUser = z.strictObject(user).meta({ id: 'SignedInUser' });

export const Me = z.strictObject({ ...user, name: z.string().nullable(), created_at: instant }).meta({ id: 'Me' });
export type Me = z.output<typeof Me>;

export const SignedIn = z
  .strictObject({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    // <% if .native %>
    refresh_token: z.string().exactOptional(),
    // <% end %>
    user: SignedInUser,
  })
  .meta({ id: 'SignedIn' });
export type SignedIn = z.output<typeof SignedIn>;

export const SessionView = z
  .strictObject({
    id: uuid,
    created_at: instant,
    last_seen_at: instant,
    ip: z.string(),
    user_agent: z.string(),
    amr: z.array(z.string()),
    current: z.boolean(),
  })
  .meta({ id: 'SessionView' });

export const SessionList = z.strictObject({ items: z.array(SessionView) }).meta({ id: 'SessionList' });
export type SessionList = z.output<typeof SessionList>;

export const Key = z
  .strictObject({
    kty: z.enum(['EC', 'OKP']),
    crv: z.enum(['P-256', 'Ed25519']),
    x: z.string(),
    y: z.string().exactOptional(),
    kid: z.string(),
    use: z.literal('sig'),
    alg: z.enum(['ES256', 'EdDSA']),
  })
  .meta({ id: 'Key' });

export const KeySet = z.strictObject({ keys: z.array(Key) }).meta({ id: 'KeySet' });
export type KeySet = z.output<typeof KeySet>;
