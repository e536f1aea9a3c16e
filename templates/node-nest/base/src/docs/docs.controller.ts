import { readFile } from 'node:fs/promises';

import { Controller, Get, StreamableFile } from '@nestjs/common';

// <% if .accounts %>
import { Public } from '../auth/auth.decorators.ts';
// <% end %>
import { describe } from '../core/openapi.ts';
import { Describe } from '../http/describe.decorator.ts';
import { OperationsExplorer } from '../http/operations.explorer.ts';

const ASSETS = new URL('../../assets/', import.meta.url);

/** In development: the API's description, and a page to try it. */
// <% if .accounts %>
@Public()
// <% end %>
@Controller()
export class DocsController {
  constructor(private readonly explorer: OperationsExplorer) {}

  @Get('openapi.json')
  @Describe({ summary: 'The description of the API', hidden: true })
  description(): object {
    return describe(this.explorer.operations());
  }

  @Get('docs')
  @Describe({ summary: 'The docs page', hidden: true, mediaType: 'text/html' })
  page(): Promise<StreamableFile> {
    return file('index.html', 'text/html');
  }

  @Get('docs/docs.js')
  @Describe({ summary: 'Its script', hidden: true, mediaType: 'text/javascript' })
  script(): Promise<StreamableFile> {
    return file('docs.js', 'text/javascript');
  }

  @Get('docs/docs.css')
  @Describe({ summary: 'Its style', hidden: true, mediaType: 'text/css' })
  style(): Promise<StreamableFile> {
    return file('docs.css', 'text/css');
  }
}

async function file(name: string, type: string): Promise<StreamableFile> {
  return new StreamableFile(await readFile(new URL(name, ASSETS)), { type });
}
