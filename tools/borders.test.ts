/**
 * Facts about the house that a machine can see: who imports whom, what pure rooms may touch, which rules are tested.
 * The table is DESIGN's; a room that needs another import changes the table in ARCHITECTURE.md and here, on purpose.
 */
import { readFileSync, readdirSync, statSync, existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Imports allowed besides core. `*` = anything. */
const TABLE: Readonly<Record<string, readonly string[] | '*'>> = {
  core: [],
  event: [], state: [], faults: [], checkpoint: [],
  condition: ['event'],
  pattern: ['event', 'condition'],
  dataflow: ['event', 'state'],
  cep: ['event', 'condition', 'pattern', 'state', 'dataflow'],
  editor: ['event', 'condition', 'pattern'],
  protocol: ['event', 'pattern', 'faults'],
  connectors: ['event', 'condition', 'dataflow'],
  cluster: ['event', 'condition', 'pattern', 'state', 'dataflow', 'cep', 'checkpoint', 'connectors', 'faults'],
  designer: ['event', 'condition', 'pattern', 'editor', 'cep', 'protocol'],
  runtime: ['event', 'pattern', 'cluster', 'protocol'],
  testkit: '*',
  simulator: '*',
};
/** The wiring of the runtime and the worker's entry may import anything. */
const WIRING = [join('apps', 'runtime', 'src', 'main.ts'), join('apps', 'runtime', 'src', 'cli'), join('packages', 'cluster', 'src', 'adapters', 'worker-main.ts')];
const PURE = new Set(['core', 'event', 'condition', 'pattern', 'editor', 'state', 'dataflow', 'cep', 'checkpoint', 'faults', 'protocol']);

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (name === 'node_modules' || name === 'dist') return [];
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) ? [path] : [];
  });
}

const isTest = (path: string): boolean => /\.(test|deep)\.tsx?$/.test(path) || path.split(sep).includes('test') || path.split(sep).includes('conformance');
const rooms = ['packages', 'apps'].flatMap((area) => readdirSync(join(root, area))
  .filter((name) => existsSync(join(root, area, name, 'src')))
  .map((name) => ({ name, folder: join(root, area, name) })));

interface Import { readonly file: string; readonly specifier: string }
const importsOf = (file: string): Import[] => {
  const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  return [...text.matchAll(/(?:^|[;\n])\s*(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g)]
    .map((found) => ({ file: relative(root, file), specifier: (found[1] ?? found[2]) as string }));
};

describe('borders', () => {
  for (const room of rooms) {
    const files = sources(join(room.folder, 'src')).filter((file) => !isTest(file));
    const all = files.flatMap(importsOf);

    it(`${room.name} imports only what the table allows`, () => {
      const allowed = TABLE[room.name];
      expect(allowed, `no row for ${room.name} in the table`).toBeDefined();
      const wrong = all.filter(({ file, specifier }) => {
        const target = /^@tidemark\/([a-z]+)/.exec(specifier)?.[1];
        if (!target || target === 'core' || target === room.name || allowed === '*') return false;
        if (WIRING.some((path) => file === path || file.startsWith(path + sep))) return false;
        return !(allowed as readonly string[]).includes(target);
      });
      expect(wrong).toEqual([]);
    });

    it(`${room.name} reaches other rooms only by their front door`, () => {
      const wrong = all.filter(({ file, specifier }) => specifier.startsWith('.')
        && relative(room.folder, resolve(root, dirname(file), specifier)).startsWith('..'));
      const deep = all.filter(({ specifier }) => /^@tidemark\/[a-z]+\/./.test(specifier));
      expect([...wrong, ...deep]).toEqual([]);
    });

    it(`${room.name} has named exports only, and lists them`, () => {
      const stars = files.filter((file) => /^\s*export\s+\*/m.test(readFileSync(file, 'utf8')));
      expect(stars.map((file) => relative(root, file))).toEqual([]);
    });

    if (PURE.has(room.name)) {
      it(`${room.name} touches no clock, chance, file, timer or process`, () => {
        const node = all.filter(({ specifier }) => specifier.startsWith('node:'));
        const hosts = files.flatMap((file) => {
          const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
          return /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bsetTimeout\(|\bsetInterval\(|\bprocess\.|\bperformance\.now\(/.test(text) ? [relative(root, file)] : [];
        });
        expect([...node, ...hosts]).toEqual([]);
      });
    }
  }

  it('no user text is ever evaluated', () => {
    const found = rooms.flatMap((room) => sources(join(room.folder, 'src'))).filter((file) => !isTest(file))
      .filter((file) => /\beval\(|new Function\(|['"]node:vm['"]/.test(readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')));
    expect(found.map((file) => relative(root, file))).toEqual([]);
  });
});

describe('rules', () => {
  // A rule is written `- **BA1** …` or `**BA1**` in a SPEC.md; a test cites it as [BA1].
  const specified = new Map<string, string>();
  for (const room of rooms) {
    const spec = join(room.folder, 'SPEC.md');
    if (!existsSync(spec)) continue;
    for (const found of readFileSync(spec, 'utf8').matchAll(/\*\*([A-Z]{2,4}\d+[a-z]?)\*\*/g)) specified.set(found[1] as string, relative(root, spec));
  }
  const tests = [...rooms.flatMap((room) => sources(room.folder)), ...sources(join(root, 'e2e'))].filter((file) => isTest(file) || file.includes(`${sep}e2e${sep}`));
  const cited = new Set<string>();
  for (const file of tests) {
    for (const found of readFileSync(file, 'utf8').matchAll(/\[([A-Z]{2,4}\d+[a-z]?)\]/g)) cited.add(found[1] as string);
  }

  it('every rule of a SPEC is cited by a test', () => {
    expect([...specified].filter(([id]) => !cited.has(id)).map(([id, spec]) => `${id} (${spec})`)).toEqual([]);
  });
  it('every rule that a test cites stands in a SPEC', () => {
    expect([...cited].filter((id) => !specified.has(id))).toEqual([]);
  });
});
