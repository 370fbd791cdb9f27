/**
 * The templates of the first page: documents that open tested on their sample and run for some minutes when deployed.
 *
 *   TM1  A template's document is valid but for its source, which `instantiate` fills in.
 *   TM2  Deployed, it runs 2 to 5 minutes and has its first match within 20 s of reading.
 *   TM3  `matches` is what the pattern gives on the whole sample; the document's last test says the same.
 *
 * Files  `sampleFile` lies in packages/pattern/templates; the runtime serves it, so that this module runs in a browser.
 * Not here: the drawing's layout (computed), reading the files.
 */
import { DOCUMENT_FORMAT, DOCUMENT_VERSION, type JobDocument, type JobDocumentInput, zJobDocument } from './document.ts';

export type TemplateId = 'start-middle' | 'failed-logins' | 'machine-overheating' | 'remote-service';
interface Text { readonly en: string; readonly zh: string }

export interface Template {
  readonly id: TemplateId;
  readonly name: Text;
  /** One line. */
  readonly description: Text;
  readonly persona: Text;
  /** The one thing that it shows. */
  readonly teaches: Text;
  /** Where the data come from, with their licence; null where they are invented. */
  readonly credit: string | null;
  readonly sampleFile: string;
  readonly format: 'ndjson' | 'csv';
  readonly events: number;
  /** On the whole sample. */
  readonly matches: number;
  /** Position of the record whose arrival lets the first match out. */
  readonly firstMatch: number;
  readonly rate: NonNullable<JobDocumentInput['source']>['rate'];
  /** Without id, name, label and source, which belong to a project. */
  readonly document: Pick<JobDocumentInput, 'schema' | 'patterns' | 'tests' | 'outOfOrdernessMs' | 'checkpointing'>;
}

/** The document of a new project: `projectId` is its id, `sampleHash` the sha256 of the template's sample file. */
export function instantiate(template: Template, { projectId, sampleHash, language = 'en' }: {
  readonly projectId: string; readonly sampleHash: string; readonly language?: 'en' | 'zh';
}): JobDocument {
  return zJobDocument.parse({
    format: DOCUMENT_FORMAT, version: DOCUMENT_VERSION, id: projectId, name: template.name[language], label: template.name,
    ...template.document,
    source: { kind: 'file', sample: sampleHash, format: template.format, rate: template.rate },
    tests: [...template.document.tests ?? [], { id: 'whole-sample', name: language === 'zh' ? '整个样本' : 'The whole sample', sample: sampleHash, expectMatches: template.matches }],
  });
}

const checkpointing = { intervalMs: 2_000 };
const cel = (expression: string) => ({ type: 'CEL' as const, expression });
const once = { properties: ['SINGLE' as const] };

const startMiddle: Template = {
  id: 'start-middle',
  name: { en: 'Start, then middle', zh: '先 start，后 middle' },
  description: { en: 'An event called start, immediately followed by one called middle, within 10 seconds.', zh: '名为 start 的事件，紧接着名为 middle 的事件，10 秒内。' },
  persona: { en: 'Developers', zh: '开发者' },
  teaches: { en: 'immediately', zh: '紧接着' },
  credit: null,
  sampleFile: 'start-middle.ndjson',
  format: 'ndjson',
  events: 900,
  matches: 14,
  firstMatch: 26,
  rate: { kind: 'event-time', speed: 1 },
  document: {
    schema: { fields: [{ name: 'ts', type: 'int' }, { name: 'id', type: 'int' }, { name: 'name', type: 'string' }], time: { field: 'ts', format: 'epoch-ms' } },
    checkpointing,
    patterns: [{
      id: 'p1', name: 'start-middle',
      nodes: [
        { type: 'ATOMIC', id: 's1', name: 'start', quantifier: once, condition: cel("event.name == 'start'") },
        { type: 'ATOMIC', id: 's2', name: 'middle', quantifier: once, condition: cel("event.name == 'middle'") },
      ],
      edges: [{ source: 's1', target: 's2', type: 'STRICT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'SECONDS', size: 10 } },
      output: { text: 'start: {start[0].name}, middle: {middle[0].name}' },
    }],
    tests: [
      { id: 'hit', name: 'start, then middle at once', events: [{ ts: 1_000, id: 1, name: 'start' }, { ts: 2_000, id: 2, name: 'middle' }], expectMatches: 1 },
      { id: 'between', name: 'Something in between', events: [{ ts: 1_000, id: 1, name: 'start' }, { ts: 1_500, id: 2, name: 'click' }, { ts: 2_000, id: 3, name: 'middle' }], expectMatches: 0 },
      { id: 'late', name: 'Ten seconds later', events: [{ ts: 1_000, id: 1, name: 'start' }, { ts: 11_000, id: 2, name: 'middle' }], expectMatches: 0 },
    ],
  },
};

const login = (seconds: number, outcome: 'failure' | 'success', user = 'root') =>
  ({ ts: new Date(1_770_084_000_000 + seconds * 1_000).toISOString(), host: 'bastion-1', srcIp: '203.0.113.9', user, outcome });
const failures = (count: number) => Array.from({ length: count }, (_, index) => login(index * 5, 'failure'));

const failedLogins: Template = {
  id: 'failed-logins',
  name: { en: 'Failed logins, then success', zh: '多次登录失败后成功' },
  description: { en: '10 or more failed logins, then a success, for each source address and user, within 10 minutes.', zh: '同一来源地址和用户，10 分钟内登录失败至少 10 次，随后成功。' },
  persona: { en: 'Security', zh: '安全' },
  teaches: { en: 'N or more', zh: '至少 N 次' },
  credit: null,
  sampleFile: 'logins.ndjson',
  format: 'ndjson',
  events: 1_210,
  matches: 3,
  firstMatch: 79,
  rate: { kind: 'event-time', speed: 20 },
  document: {
    schema: {
      fields: [
        { name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'srcIp', type: 'string' }, { name: 'user', type: 'string' }, { name: 'outcome', type: 'string' },
      ],
      time: { field: 'ts', format: 'iso8601' },
    },
    checkpointing,
    patterns: [{
      id: 'p1', name: 'failed-logins',
      nodes: [
        {
          type: 'ATOMIC', id: 's1', name: 'failed', label: { en: 'failed login', zh: '登录失败' },
          quantifier: { properties: ['LOOPING', 'GREEDY'], times: { from: 10, to: 10 } }, condition: cel("event.outcome == 'failure'"),
        },
        { type: 'ATOMIC', id: 's2', name: 'success', label: { en: 'successful login', zh: '登录成功' }, quantifier: once, condition: cel("event.outcome == 'success'") },
      ],
      edges: [{ source: 's1', target: 's2', type: 'SKIP_TILL_NEXT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MINUTES', size: 10 } },
      afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' },
      key: ['srcIp', 'user'],
      output: { text: '{size(failed)} failed logins of {success[0].user} from {success[0].srcIp}, then a success' },
    }],
    tests: [
      { id: 'hit', name: 'Ten failures, then a success', events: [...failures(10), login(60, 'success')], expectMatches: 1 },
      { id: 'nine', name: 'Nine failures only', events: [...failures(9), login(60, 'success')], expectMatches: 0 },
      { id: 'other', name: 'Another user gets in', events: [...failures(12), login(70, 'success', 'anna')], expectMatches: 0 },
      { id: 'slow', name: 'More than ten minutes', events: [...failures(10), login(601, 'success')], expectMatches: 0 },
    ],
  },
};

const reading = (minutes: number, value: number) => ({ timestamp: new Date(1_386_000_000_000 + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' '), value });

const machineOverheating: Template = {
  id: 'machine-overheating',
  name: { en: 'Machine overheats after a cold stop', zh: '机器冷停后过热' },
  description: { en: 'Three or more cold readings in a row, then a hot one within two days, on real data of a machine that failed.', zh: '连续至少三次低温读数，两天内随后出现高温；真实的故障机器数据。' },
  persona: { en: 'Operations', zh: '运维' },
  teaches: { en: 'in a row', zh: '连续' },
  credit: 'Numenta Anomaly Benchmark, MIT',
  sampleFile: 'machine_temperature_system_failure.csv',
  format: 'csv',
  events: 22_695,
  matches: 5,
  firstMatch: 4_017,
  // two thousand of its 22,695 readings go by at once, so that the first match is not far
  rate: { kind: 'per-second', events: 140, head: 2_000 },
  document: {
    schema: { fields: [{ name: 'timestamp', type: 'int' }, { name: 'value', type: 'double' }], time: { field: 'timestamp', format: 'datetime' } },
    // once, in January 2014, the recording steps back by 55 minutes
    outOfOrdernessMs: 3_600_000,
    checkpointing,
    patterns: [{
      id: 'p1', name: 'cold-stop-then-hot',
      nodes: [
        {
          type: 'ATOMIC', id: 's1', name: 'cold', label: { en: 'cold', zh: '低温' },
          quantifier: { consumingStrategy: 'STRICT', properties: ['LOOPING', 'GREEDY'], times: { from: 3, to: 3 } }, condition: cel('event.value < 50.0'),
        },
        { type: 'ATOMIC', id: 's2', name: 'hot', label: { en: 'hot', zh: '高温' }, quantifier: once, condition: cel('event.value > 85.0') },
      ],
      edges: [{ source: 's1', target: 's2', type: 'SKIP_TILL_NEXT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'DAYS', size: 2 } },
      afterMatchStrategy: { type: 'SKIP_PAST_LAST_EVENT' },
      output: { text: '{size(cold)} readings below 50 in a row, then {hot[0].value}' },
    }],
    tests: [
      { id: 'hit', name: 'Cold three times, then hot', events: [reading(0, 48), reading(5, 47), reading(10, 49), reading(15, 70), reading(20, 86)], expectMatches: 1 },
      { id: 'two', name: 'Cold only twice in a row', events: [reading(0, 48), reading(5, 47), reading(10, 60), reading(15, 48), reading(20, 86)], expectMatches: 0 },
      { id: 'late', name: 'Hot after two days', events: [reading(0, 48), reading(5, 47), reading(10, 49), reading(2_880, 86)], expectMatches: 0 },
    ],
  },
};

const windowsEvent = (seconds: number, eventId: number, more: object = {}) =>
  ({ ts: new Date(1_600_618_600_000 + seconds * 1_000).toISOString(), host: 'WORKSTATION6', channel: 'Microsoft-Windows-Security-Auditing', eventId, ...more });
const optionalText = (name: string) => ({ name, type: 'string' as const, optional: true });

const remoteService: Template = {
  id: 'remote-service',
  name: { en: 'Remote service execution', zh: '远程服务执行' },
  description: { en: 'A network logon, no logoff, then a program starts: a real recording of lateral movement between Windows hosts.', zh: '网络登录后未注销，随后启动程序；真实记录的 Windows 主机横向移动。' },
  persona: { en: 'Security', zh: '安全' },
  teaches: { en: 'without … in between', zh: '期间无' },
  credit: 'OTRF Security-Datasets, MIT, © 2021 Open Threat Research Forge',
  sampleFile: 'windows-psexec.ndjson',
  format: 'ndjson',
  events: 4_348,
  matches: 1,
  firstMatch: 1_228,
  // 4,348 events are two minutes with the match after 49 s: the first thousand go by at once, the rest more slowly
  rate: { kind: 'per-second', events: 25, head: 1_000 },
  document: {
    schema: {
      fields: [
        { name: 'ts', type: 'int' }, { name: 'host', type: 'string' }, { name: 'channel', type: 'string' }, { name: 'eventId', type: 'int' },
        optionalText('process'), optionalText('user'), optionalText('srcIp'), optionalText('dstIp'), { name: 'dstPort', type: 'int', optional: true },
        { name: 'logonType', type: 'int', optional: true }, optionalText('parent'), optionalText('share'), optionalText('service'),
      ],
      time: { field: 'ts', format: 'iso8601' },
    },
    checkpointing,
    patterns: [{
      id: 'p1', name: 'remote-service',
      nodes: [
        {
          type: 'ATOMIC', id: 's1', name: 'logon', label: { en: 'network logon', zh: '网络登录' }, quantifier: once,
          condition: cel('event.eventId == 4624 && has(event.logonType) && event.logonType == 3'),
        },
        { type: 'ATOMIC', id: 's2', name: 'logoff', label: { en: 'logoff', zh: '注销' }, quantifier: once, condition: cel('event.eventId == 4634') },
        { type: 'ATOMIC', id: 's3', name: 'run', label: { en: 'program starts', zh: '启动程序' }, quantifier: once, condition: cel('event.eventId == 4688 || event.eventId == 1') },
      ],
      edges: [{ source: 's1', target: 's2', type: 'NOT_FOLLOW' }, { source: 's2', target: 's3', type: 'SKIP_TILL_NEXT' }],
      window: { type: 'FIRST_AND_LAST', time: { unit: 'MINUTES', size: 1 } },
      key: ['host'],
      output: { text: "{run[0].host}: {has(logon[0].user) ? logon[0].user : 'someone'} logged on over the network, then {has(run[0].process) ? run[0].process : 'a program'} started" },
    }],
    tests: [
      { id: 'hit', name: 'Logon, then a program', events: [windowsEvent(0, 4624, { logonType: 3, user: 'pgustavo' }), windowsEvent(1, 5156), windowsEvent(2, 4688, { process: 'cmd.exe' })], expectMatches: 1 },
      { id: 'logoff', name: 'Logged off in between', events: [windowsEvent(0, 4624, { logonType: 3 }), windowsEvent(1, 4634), windowsEvent(2, 4688, { process: 'cmd.exe' })], expectMatches: 0 },
      { id: 'local', name: 'A local logon', events: [windowsEvent(0, 4624, { logonType: 2 }), windowsEvent(2, 4688, { process: 'cmd.exe' })], expectMatches: 0 },
    ],
  },
};

export const TEMPLATES: readonly Template[] = [startMiddle, failedLogins, machineOverheating, remoteService];
