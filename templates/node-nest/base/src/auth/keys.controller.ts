import { Controller, Get } from '@nestjs/common';

import { Describe } from '../http/describe.decorator.ts';
import { Public } from './auth.decorators.ts';
import { KeySet } from './schemas.ts';
import { AccessTokens } from './tokens.ts';

@Public()
@Controller('.well-known')
export class KeysController {
  constructor(private readonly tokens: AccessTokens) {}

  @Get('jwks.json')
  @Describe({ summary: 'Publish the keys that access tokens are signed with.', tag: 'auth', answer: KeySet })
  jwks(): KeySet {
    return this.tokens.jwks();
  }
}
