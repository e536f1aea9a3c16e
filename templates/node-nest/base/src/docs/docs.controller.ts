import { Controller, Get, StreamableFile } from '@nestjs/common';

// <% if .accounts %>
import { Public } from '../auth/auth.decorators.ts';
// <% end %>
import { DOCS_FILES, readDocs } from '../core/docs.ts';
import { describe } from '../core/openapi.ts';
import { Describe } from '../http/describe.decorator.ts';
import { OperationsExplorer } from '../http/operations.explorer.ts';

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
  @Describe({ summary: 'The docs page', hidden: true, mediaType: DOCS_FILES['/docs'].mediaType })
  page(): Promise<StreamableFile> {
    return file('/docs');
  }

  @Get('docs/docs.js')
  @Describe({ summary: 'Its script', hidden: true, mediaType: DOCS_FILES['/docs/docs.js'].mediaType })
  script(): Promise<StreamableFile> {
    return file('/docs/docs.js');
  }

  @Get('docs/docs.css')
  @Describe({ summary: 'Its style', hidden: true, mediaType: DOCS_FILES['/docs/docs.css'].mediaType })
  style(): Promise<StreamableFile> {
    return file('/docs/docs.css');
  }
}

async function file(path: keyof typeof DOCS_FILES): Promise<StreamableFile> {
  return new StreamableFile(await readDocs(path), { type: DOCS_FILES[path].mediaType });
}
