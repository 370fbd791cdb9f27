/**
 * Remote service execution on Windows hosts: a network logon, then a service is installed and a process runs, with no
 * logoff between them.
 *
 * Shape   blocks of 60 events in 30 s, one host in the story of each: an execution (4624 with logonType 3, 7045, 4688);
 *         a logon with a logoff (4634) before the process; a logon alone; or everyday events alone. Block 0 is an
 *         execution. Everyday events are none of those four but for a process start of the host's own now and then.
 */
import { type EventGenerator, type GeneratedEvent, pick, randomBelow } from './generator.ts';

const BLOCK_EVENTS = 60;
const SLOT_MS = 500;
const HOSTS = ['WORKSTATION5', 'WORKSTATION6', 'MORDORDC'] as const;
const STORIES = ['execution', 'logoff', 'logon', 'nothing', 'nothing'] as const;
const SECURITY = 'Microsoft-Windows-Security-Auditing';
const EVERYDAY = [
  ['Microsoft-Windows-Sysmon', 10, 'svchost.exe'], ['Microsoft-Windows-Sysmon', 12, 'svchost.exe'], ['Microsoft-Windows-Sysmon', 13, 'lsass.exe'],
  ['Microsoft-Windows-Sysmon', 7, 'powershell.exe'], [SECURITY, 4658, 'svchost.exe'], [SECURITY, 5158, 'powershell.exe'], ['PowerShell', 800, null],
] as const;
const FIELDS = ['ts', 'host', 'channel', 'eventId', 'process', 'parent', 'user', 'srcIp', 'logonType', 'service'] as const;

export const REMOTE_SERVICE: EventGenerator<'remote-service'> = {
  name: 'remote-service',
  schema: {
    fields: FIELDS.map((name, index) => ({
      name, type: name === 'ts' || name === 'eventId' || name === 'logonType' ? ('int' as const) : ('string' as const), ...(index > 3 ? { optional: true } : {}),
    })),
    time: { field: 'ts', format: 'epoch-ms' },
  },
  create: (seed, baseTime) => {
    const put = (out: GeneratedEvent, host: string, channel: string, eventId: number, rest: readonly (string | number | null)[]): void => {
      out[1] = host;
      out[2] = channel;
      out[3] = eventId;
      for (let field = 4; field < FIELDS.length; field++) out[field] = rest[field - 4] ?? null;
    };
    return (i, out) => {
      const block = Math.floor(i / BLOCK_EVENTS);
      const slot = i % BLOCK_EVENTS;
      const story = block === 0 ? 'execution' : pick(STORIES, seed, block, 1);
      const logon = 5 + randomBelow(15, seed, block, 2);
      const logoff = logon + 4;
      const install = logon + 6 + randomBelow(5, seed, block, 3);
      const run = install + 3;
      const host = pick(HOSTS, seed, block, 4);
      const user = pick(['pgustavo', 'sbeavers', 'wardog'], seed, block, 5);
      out[0] = baseTime + i * SLOT_MS;
      if (story !== 'nothing' && slot === logon) put(out, host, SECURITY, 4624, [null, null, user, `172.18.39.${5 + randomBelow(4, seed, block, 6)}`, 3]);
      else if (story === 'logoff' && slot === logoff) put(out, host, SECURITY, 4634, [null, null, user, null, 3]);
      else if (story === 'execution' && slot === install) put(out, host, 'Service Control Manager', 7045, [null, null, null, null, null, 'Updater']);
      else if ((story === 'execution' || story === 'logoff') && slot === run) put(out, host, SECURITY, 4688, ['cmd.exe', 'services.exe', user]);
      else {
        const [channel, eventId, process] = pick(EVERYDAY, seed, i, 7);
        put(out, pick(HOSTS, seed, i, 8), channel, eventId, [process]);
      }
    };
  },
};
