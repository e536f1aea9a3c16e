/**
 * What the generated service is measured against: the same row, the same driver, no security.
 *
 *   cp bare.mjs SERVICE/ && cd SERVICE && DATABASE_URL=sqlite:////path/of/service.db PORT=8100 node bare.mjs
 *
 * Decorators are called as functions: nothing is compiled for it.
 */
import 'reflect-metadata';

import { Controller, Dependencies, Get, Module, NotFoundException, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { openDatabase } from './dist/core/db.js';

class ItemsController {
  constructor(database) {
    this.database = database;
  }

  async read(id) {
    const columns = ['id', 'title', 'body', 'created_at', 'updated_at'];
    const query = this.database.kysely.selectFrom('items').select(columns).where('id', '=', id);
    const item = await query.executeTakeFirst();
    if (item === undefined) throw new NotFoundException();
    return item;
  }

  ready() {
    return { status: 'ok' };
  }
}

class AppModule {}

const { prototype } = ItemsController;
const route = (name, path) => Get(path)(prototype, name, Object.getOwnPropertyDescriptor(prototype, name));
route('read', 'v1/items/:id');
route('ready', 'readyz');
Param('id')(prototype, 'read', 0);
Dependencies('database')(ItemsController);
Controller()(ItemsController);
const useFactory = () => openDatabase(process.env.DATABASE_URL);
Module({ controllers: [ItemsController], providers: [{ provide: 'database', useFactory }] })(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(Number(process.env.PORT), '127.0.0.1');
