import type { Words } from '../index.ts';
import type { data as en } from '../en/data.ts';

export const data: Words<typeof en> = {
  title: '数据', titleNew: '从数据开始', titleBlank: '它针对什么数据？',
  lead: '画好的模式要对照事件来检查和测试，所以先要知道数据。',
  way: { label: '事件来自哪里', file: '文件', paste: '粘贴数据行', generator: '生成器', none: '暂时不提供数据' },
  file: { drop: '把 CSV、NDJSON 或 JSON 文件拖到这里', kinds: '最大 100 MB；只保存在本机', choose: '选择文件', other: '换一个文件' },
  paste: { label: '事件数据行', placeholder: '{"ts": 1764000000000, "name": "start"}', hint: '每行一个 JSON 对象，或一个 JSON 列表，或带表头的 CSV。', use: '读取这些行', name: '粘贴的事件' },
  generator: {
    hint: '相同的种子总是生成相同的事件，时间从部署的时刻开始。', use: '使用这个生成器',
    'seed-example': { name: 'start 与 middle', text: '按名称区分的小事件，有些 start 之后紧接着 middle。' },
    'failed-logins': { name: '登录', text: '日常登录，其中夹杂攻击：多次失败后成功。' },
    machine: { name: '机器温度', text: '一台时而冷却、之后有时过热的机器。' },
    'remote-service': { name: 'Windows 主机', text: 'Windows 主机的事件，其中有远程服务执行。' },
  },
  upload: {
    sending: '正在发送 {{name}}：{{sent}} / {{size}}', reading: '运行时正在读取 {{name}}', done: '{{name}} 已保存', cancel: '取消上传', cancelled: '已取消上传 {{name}}。', failed: '{{name}} 未能保存：{{reason}}', again: '重试',
    progress: '上传',
    refused: {
      empty: '{{name}} 是空文件。', 'too-large': '{{name}} 大小为 {{size}}；最多可上传 100 MB。更大的文件可按路径读取：放到数据目录下并设为数据源。',
      folder: '{{name}} 是文件夹。请选择其中的一个文件。', kind: '{{name}} 不是按行的文本。可以读取 CSV、NDJSON 和 JSON。',
    },
  },
  proposal: {
    found_one: '查看了 {{n}} 条记录', found_other: '查看了 {{n}} 条记录', undecodable_one: '{{n}} 条无法读取', undecodable_other: '{{n}} 条无法读取', about: '总共约 {{n}} 条', none: '这个文件里没有能读作事件的记录。', noneHint: 'CSV 需要表头行；NDJSON 每行一个 JSON 对象。',
    fields: '字段', field: '字段', type: '类型', evidence: '依据', include: '使用 {{name}}', time: '事件时间', timeField: '字段', timeFormat: '写法', key: '键', keyHint: '键相同的事件一起匹配。', keyNone: '无键：所有事件一起匹配',
    late: '最大乱序', lateHint: '比更新的事件晚到多久仍然有效。', inOrder: '有序', outOfOrder: '乱序最多 {{span}}', present: '{{percent}} 的记录有', distinct_one: '{{n}} 个值', distinct_other: '{{n}} 个值', range: '{{min}} 至 {{max}}', always: '每条记录都有', timeHere: '时间', noTime: '未选择', typeOf: '{{name}} 的类型', top: '最常见：{{values}}',
  },
  type: { string: '文本', double: '数值', int: '整数', bool: '是或否' },
  format: { 'epoch-ms': '1970 年起的毫秒', 'epoch-s': '1970 年起的秒', 'epoch-us': '1970 年起的微秒', iso8601: 'ISO 8601', datetime: '日期和时间，世界时' },
  rate: { label: '部署后的读取速度', paced: '约 {{span}} 读完（每秒 {{n}} 个）', unlimited: '尽可能快' },
  problem: { 'no-time': '请选择表示事件时间的字段。', 'no-fields': '至少需要一个字段。', lateness: '乱序必须在 0 到 366 天之间。' },
  unit: { s: '秒' },
  use: '使用这份数据', useAndDraw: '开始画', waiting: '等待上传', using: '正在保存',
};
