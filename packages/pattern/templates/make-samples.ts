/**
 * Makes the two invented sample files, the same bytes at each run: `node packages/pattern/templates/make-samples.ts`.
 * Development only.
 */
import { writeFileSync } from 'node:fs';

/** mulberry32: small, seeded, good enough for samples. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
const write = (name: string, events: readonly object[]): void =>
  writeFileSync(new URL(name, import.meta.url), events.map((event) => `${JSON.stringify(event)}\n`).join(''));

function startMiddle(): object[] {
  const random = randomOf(20_260_105);
  const events: object[] = [];
  let ts = Date.UTC(2026, 0, 5, 9, 0, 0);
  const add = (name: string, gapMs = 60 + Math.floor(random() * 280)): void => {
    ts += gapMs;
    events.push({ ts, id: events.length + 1, name });
  };
  const noise = (count: number): void => {
    for (let n = 0; n < count; n++) add(['end', 'page', 'click', 'middle', 'ping'][Math.floor(random() * 5)] ?? 'ping');
  };
  noise(24);
  while (events.length < 890) {
    const kind = random();
    add('start');
    if (kind < 0.45) add('middle');
    else if (kind < 0.75) { add('click'); add('middle'); } // near miss: something in between
    else if (kind < 0.8) add('middle', 11_000); //            near miss: too late
    else add('end');
    noise(10 + Math.floor(random() * 22));
  }
  noise(900 - events.length);
  return events;
}

interface Login { readonly ts: string; readonly host: string; readonly srcIp: string; readonly user: string; readonly outcome: 'failure' | 'success' }

function logins(): Login[] {
  const random = randomOf(80_085);
  const base = Date.UTC(2026, 1, 3, 2, 0, 0);
  const at: { readonly ms: number; readonly login: Login }[] = [];
  const add = (seconds: number, srcIp: string, user: string, outcome: Login['outcome'], host = 'bastion-1'): void => {
    const ms = base + Math.round(seconds * 1_000);
    at.push({ ms, login: { ts: new Date(ms).toISOString(), host, srcIp, user, outcome } });
  };
  const burst = (from: number, to: number, count: number, srcIp: string, user: string): void => {
    for (let n = 0; n < count; n++) add(from + ((to - from) * (n + 0.6 * random())) / count, srcIp, user, 'failure');
  };
  const people = ['li.wei', 'anna', 'deploy', 'carla', 'zhang.min', 'ops', 'tom', 'backup', 'yuki', 'root'];
  for (let n = 0; n < 1_110; n++) {
    const who = Math.floor(random() * people.length);
    add(random() * 3_595, `10.0.${who}.${10 + Math.floor(random() * 4)}`, people[who] ?? 'root', random() < 0.06 ? 'failure' : 'success', `bastion-${1 + Math.floor(random() * 2)}`);
  }
  // hits: ten or more failures, then a success, within ten minutes
  burst(40, 190, 14, '203.0.113.9', 'root');
  add(204, '203.0.113.9', 'root', 'success');
  burst(1_300, 1_420, 12, '198.51.100.23', 'deploy');
  add(1_425, '198.51.100.23', 'deploy', 'success');
  burst(2_500, 2_930, 11, '203.0.113.54', 'backup');
  add(2_990, '203.0.113.54', 'backup', 'success');
  // near misses: nine failures; too slow; another user gets in; nobody gets in
  burst(500, 600, 9, '192.0.2.77', 'anna');
  add(606, '192.0.2.77', 'anna', 'success');
  burst(700, 2_300, 13, '192.0.2.15', 'carla');
  add(2_310, '192.0.2.15', 'carla', 'success');
  burst(1_800, 1_900, 12, '192.0.2.201', 'tom');
  add(1_905, '192.0.2.201', 'yuki', 'success');
  burst(3_100, 3_300, 23, '198.51.100.99', 'root');
  return at.sort((a, b) => a.ms - b.ms).map(({ login }) => login);
}

write('start-middle.ndjson', startMiddle());
write('logins.ndjson', logins());
