import type { ServerResponse } from 'node:http';

import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
  Res,
  // <% if .idempotency %>
  UseInterceptors,
  // <% end %>
} from '@nestjs/common';
