import { describe, expect, test } from 'vitest';
import {
  readEnvironmentScript,
  readsConfiguredUrl,
} from '../../../server/src/migrations/formats/alembic/environmentScript.ts';

/** The ways in which an env.py comes to configure alembic, with its own arguments in the online one. */
const shapes: Readonly<Record<string, (options: string) => string>> = {
  'at the top': (options) => `from alembic import context
with engine.connect() as connection:
    context.configure(connection=connection${options})
    with context.begin_transaction():
        context.run_migrations()
`,
  'in functions, offline and online': (options) => `from logging.config import fileConfig
from sqlalchemy import engine_from_config, pool
from alembic import context

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name)


def offline():
    context.configure(url=config.get_main_option("sqlalchemy.url"), version_table="offline")
    with context.begin_transaction():
        context.run_migrations()


def online():
    connectable = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.")
    with connectable.connect() as connection:
        context.configure(connection=connection${options})
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
`,
  'through asyncio': (options) => `import asyncio
from alembic import context


def run(connection):
    context.configure(connection=connection${options})
    with context.begin_transaction():
        context.run_migrations()


async def connect():
    connectable = make_engine()
    async with connectable.connect() as connection:
        await connection.run_sync(run)
    await connectable.dispose()


if context.is_offline_mode():
    context.configure(url="x", version_table="offline")
else:
    asyncio.run(connect())
`,
};

describe.each(Object.entries(shapes))('configured %s', (_, shape) => {
  test('as alembic does by itself', () => {
    expect(readEnvironmentScript(shape(''))).toEqual({
      transactions: 'one',
      hasMetadata: false,
      isSeen: true,
      obstacles: [],
    });
    expect(readEnvironmentScript(shape(', target_metadata=None')).hasMetadata).toBe(false);
    expect(readEnvironmentScript(shape(', target_metadata=Base.metadata')).hasMetadata).toBe(true);
  });

  test.each([
    [', transaction_per_migration=True', { transactions: 'each' }],
    [', transactional_ddl=False', { transactions: 'each' }],
    [', transaction_per_migration=False', { transactions: 'one' }],
    [', version_table="v", version_table_schema="s"', { table: 'v', schema: 's' }],
    [', version_table_pk=False', { primaryKey: false }],
    [', **{"version_table": "v"}', { table: 'v' }],
  ])('with %s', (options, expected) => {
    expect(readEnvironmentScript(shape(options))).toMatchObject({ ...expected, obstacles: [] });
  });

  test.each([
    [', version_table=settings.table', 'settings.table'],
    [', transaction_per_migration=per()', 'per()'],
    [', on_version_apply=told', 'told'],
  ])('what cannot be known is told: %s', (options, at) => {
    const text = shape(options);
    const [obstacle] = readEnvironmentScript(text).obstacles;
    expect(text.slice(obstacle?.span.start, obstacle?.span.end)).toBe(at);
  });
});

test('arguments from elsewhere', () => {
  const text = shapes['at the top']?.(', **options') ?? '';
  expect(readEnvironmentScript(text).obstacles[0]?.message).toMatch(/arguments of context\.configure/);
});

test('SQL of its own', () => {
  const text = `from alembic import context
from sqlalchemy import text
with engine.connect() as connection:
    connection.execute(text("SET search_path TO shop"))
    context.configure(connection=connection)
`;
  const { obstacles } = readEnvironmentScript(text);
  expect(obstacles.map(({ span }) => text.slice(span.start, span.end))).toEqual([
    'connection.execute(text("SET search_path TO shop"))',
  ]);
});

test('one configuration or another', () => {
  const text = `from alembic import context
if tenants():
    context.configure(connection=connection, version_table="a")
else:
    context.configure(connection=connection, version_table="b")
`;
  expect(readEnvironmentScript(text).obstacles[0]?.message).toMatch(/several ways/);
  expect(readEnvironmentScript(text.replace('"b"', '"a"')).obstacles).toEqual([]);
});

test.each([
  ['engine_from_config(section, prefix="sqlalchemy.")', true],
  ["create_engine(config.get_main_option('sqlalchemy.url'))", true],
  ['config.set_main_option("sqlalchemy.url", url)\nengine_from_config(section, prefix="sqlalchemy.")', false],
  ['create_engine(os.environ["DATABASE_URL"])', false],
])('whether it goes by the configured URL: %s', (text, reads) => {
  expect(readsConfiguredUrl(text)).toBe(reads);
});

test('made elsewhere, it is not seen', () => {
  const text = 'from shop.migrations import run\n\nrun()\n';
  expect(readEnvironmentScript(text)).toEqual({
    transactions: 'one',
    hasMetadata: false,
    isSeen: false,
    obstacles: [],
  });
});
