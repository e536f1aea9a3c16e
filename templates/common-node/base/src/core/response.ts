/** Answers in JSON. */

import type { ServerResponse } from 'node:http';

/** With the status and fields that are set already. */
export function sendJson(res: ServerResponse, value: unknown, mediaType = 'application/json'): void {
  const body = JSON.stringify(value);
  res.setHeader('Content-Type', mediaType);
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.end(body);
}
