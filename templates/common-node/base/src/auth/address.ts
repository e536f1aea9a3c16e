/** E-mail addresses: one spelling for each. */

import { domainToASCII } from 'node:url';

const LONGEST = 254;
const LOCAL_PART = /^(?=.{1,64}$)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/;
const DOMAIN = /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]([a-z\d-]{0,61}[a-z\d])$/;

/** NFKC, lower case, the domain as DNS knows it; undefined for what is no address. */
export function normalForm(text: string): string | undefined {
  const address = trimmed(text);
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const domain = domainToASCII(address.slice(at + 1));
  if (at < 0 || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return undefined;
  const normal = `${local}@${domain}`;
  return normal.length <= LONGEST ? normal : undefined;
}

/** The normal form, or for what is no address at all something no account has. */
export function lookupForm(text: string): string {
  return normalForm(text) ?? trimmed(text);
}

function trimmed(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
