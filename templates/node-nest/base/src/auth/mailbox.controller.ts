import { Controller, Get, Header } from '@nestjs/common';

import { Describe } from '../http/describe.decorator.ts';
import { Public } from './auth.decorators.ts';
import { readMailbox } from './mail.ts';

/** What development sends, to be read in a browser. */
@Public()
@Controller('dev/mailbox')
export class MailboxController {
  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', "default-src 'none'")
  @Describe({ summary: 'Mails sent in development.', hidden: true, mediaType: 'text/html' })
  mailbox(): Promise<string> {
    return readMailbox();
  }
}
