/** What is mailed to account holders, and how. User data goes in as text, never as a template. */

import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isLoopback } from '../core/checks.ts';
import { type Config, isProduction, TITLE } from '../core/config.ts';
import { callerNetwork } from '../core/context.ts';
import { event } from '../core/logging.ts';
import type { Store } from '../core/store.ts';
import { digest } from './tokens.ts';

const FOLDER = 'var/mail';
const TIMEOUT_MILLISECONDS = 15_000;
const SHOWN = 50;
const HOUR = 3600;
const PER_NETWORK = 20;

const TEXTS = {
  verify: {
    subject: 'Confirm your e-mail address',
    text: (link: string) =>
      `To confirm this address, open this link and enter the password you registered with:\n\n${link}\n\n` +
      'If you did not register, do nothing.',
  },
  exists: {
    subject: 'You already have an account',
    text: () =>
      'Somebody, hopefully you, tried to register this address, which has an account.\n' +
      'If you forgot the password, it can be reset on the sign-in page.',
  },
  reset: {
    subject: 'Reset your password',
    text: (link: string) =>
      `Open this link to choose a new password:\n\n${link}\n\n` +
      'If you did not ask for it, do nothing: your password stays as it is.',
  },
  'password-changed': {
    subject: 'Your password was changed',
    text: () =>
      'Your password was changed and your other sessions were ended.\n' +
      'If it was not you, reset it on the sign-in page now.',
  },
  'confirm-address': {
    subject: 'Confirm your new e-mail address',
    text: (link: string) =>
      `Open this link to sign in with this address from now on:\n\n${link}\n\nIf you did not ask for it, do nothing.`,
  },
  'address-change': {
    subject: 'Your e-mail address is about to change',
    text: () =>
      'Somebody, hopefully you, asked to move your account to another address.\n' +
      'If it was not you, change your password and end your other sessions now.',
  },
} as const;

export type MailKind = keyof typeof TEXTS;

interface Message {
  from: string;
  to: string;
  subject: string;
  text: string;
}

/** To the SMTP server of the configuration; without one into a folder, for development. */
export class Mailer {
  readonly #config: Config;
  readonly #underWay = new Set<Promise<void>>();

  constructor(config: Config) {
    this.#config = config;
  }

  /** Returns before anything is sent, so that the time to answer tells nothing. */
  send(kind: MailKind, to: string, name: string | null, link = ''): void {
    const { subject, text } = TEXTS[kind];
    const greeting = name === null ? 'Hello' : `Hello ${name}`;
    const delivery = this.#deliver({
      from: this.#config.MAIL_FROM,
      to,
      subject: `${TITLE}: ${subject}`,
      text: `${greeting},\n\n${text(link)}\n`,
    }).finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  /** Waits for what is on its way. */
  async close(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** A failure is logged, and the user can ask again. */
  async #deliver(message: Message): Promise<void> {
    try {
      const { SMTP_URL: url } = this.#config;
      await (url ? sendBySmtp(url, message) : writeToFolder(message));
    } catch (error) {
      const description = error instanceof Error ? error.name : 'unknown';
      event('mail_failed', { level: 'error', description });
    }
  }
}

/** Limits on mail that others ask for. */
export class MailQuota {
  readonly #store: Store;
  readonly #config: Config;

  constructor(store: Store, config: Config) {
    this.#store = store;
    this.#config = config;
  }

  /** Count one mail to come, whether or not the address has an account; whether it may go. */
  async take(address: string): Promise<boolean> {
    const toAddress = await this.#store.incr(`mail:to:${digest(address)}`, HOUR);
    const fromNetwork = await this.#store.incr(`mail:from:${callerNetwork()}`, HOUR);
    const allowed = toAddress <= this.#config.MAIL_PER_ADDRESS && fromNetwork <= PER_NETWORK;
    return allowed || !isProduction(this.#config);
  }
}

/** smtps:// is TLS from the first byte; smtp:// must upgrade, unless to this machine. */
async function sendBySmtp(smtpUrl: string, message: Message): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host: hostname,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: !secure && !isLoopback(hostname),
    ignoreTLS: isLoopback(hostname),
    ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: TIMEOUT_MILLISECONDS,
    greetingTimeout: TIMEOUT_MILLISECONDS,
    socketTimeout: TIMEOUT_MILLISECONDS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  await transport.sendMail(message);
}

async function writeToFolder({ from, to, subject, text }: Message): Promise<void> {
  const date = new Date();
  const fields = [
    `From: ${from}`,
    `To: ${to}`,
    `Subject: ${subject}`,
    `Date: ${date.toUTCString()}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ];
  await mkdir(FOLDER, { recursive: true });
  const name = `${date.toISOString().replaceAll(':', '')}-${randomUUID().slice(0, 8)}.eml`;
  await writeFile(join(FOLDER, name), `${fields.join('\n')}\n\n${text}`);
}

/** The mails of the folder as a page; only development has it. */
export async function readMailbox(): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.eml'));
  const newest = names.toSorted().toReversed().slice(0, SHOWN);
  const mails = await Promise.all(newest.map((name) => readFile(join(FOLDER, name), 'utf8')));
  const articles = mails.map((mail) => `<pre>${escapeHtml(mail)}</pre>`);
  return `<!doctype html><html lang=en><title>Mailbox</title><h1>Mailbox</h1>${articles.join('<hr>')}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
