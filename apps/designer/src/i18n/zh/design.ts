import type { Words } from '../index.ts';
import type { design as en } from '../en/design.ts';

export const design: Words<typeof en> = {
  title: '设计', listSeparator: '，', andJoin: ' 且 ', anyEvent: '任意事件', within: '{{duration}}内', stageOf: '第 {{n}} 步，共 {{m}} 步', startsWith: '从这里开始',
  link: {
    STRICT: '紧接着', SKIP_TILL_NEXT: '随后', SKIP_TILL_ANY: '随后任一', NOT_NEXT: '不紧接', NOT_FOLLOW: '期间无', inBetween: '不得出现', rightAfter: '不得紧接',
    trailing: '此后仍无', by: '直到 {{duration}}', skip: '跳过',
  },
  skip: {
    NO_SKIP: '报告全部匹配', SKIP_TO_NEXT: '每个起点一次', SKIP_PAST_LAST_EVENT: '每轮只报一次', SKIP_TO_FIRST: '从第一个 {{stage}} 重新开始',
    SKIP_TO_LAST: '从最后一个 {{stage}} 重新开始',
  },
  drawing: {
    label: '模式图', match: '匹配', allWithin: '全程 {{duration}}内', eachWithin: '每步距上一步 {{duration}}内', noWindow: '无时限', forEach: '对每个',
    allTogether: '所有事件一起', toFile: '写入文件', notDeployed: '尚未部署', withinOfBefore: '{{duration}}内',
  },
  newGroup: '组', version: 'v{{n}}：{{state}}', changed_one: '{{count}} 步尚未部署', changed_other: '{{count}} 步尚未部署', replacedLink: '已替换连线 {{links}}',
  sentence: '这个模式说的是',
  inspector: {
    title: '检查器', name: '名称', howMany: '次数', comes: '衔接', first: '第一步：模式从这里开始', group: '组', gate: '不得出现', link: '连线',
    several_one: '已选 {{count}} 个', several_other: '已选 {{count}} 个', addGate: '添加“期间无……”', removeGate: '移除 {{name}}', mustNot: '不得',
    notInBetween: '在期间出现', notRightAfter: '紧接着出现', cutLink: '断开连线',
  },
  canvas: {
    handleIn: '进入 {{name}}', handleOut: '离开 {{name}}', errors_one: '{{count}} 个错误', errors_other: '{{count}} 个错误', warnings_one: '{{count}} 个警告',
    warnings_other: '{{count}} 个警告', addAfter: '在 {{name}} 之后添加一步', insertHere: '在此插入一步', linkBetween: '{{word}}：从 {{a}} 到 {{b}} 的连线',
    group: '组 {{name}}', openGroup: '展开组 {{name}}', closeGroup: '收起组 {{name}}', groupOf_one: '内含 {{count}} 步', groupOf_other: '内含 {{count}} 步',
  },
  repeat: {
    once: '一次', optional: '可选', timesN_one: '{{count}} 次', timesN_other: '{{count}} 次', rangeNM: '{{from}} 至 {{to}} 次', orMoreN: '至少 {{n}} 次',
    greedy: '尽量多', inARow: '连续', anyCombination: '任意组合', stopWhen: '直到 {{condition}}', n: '×N', nToM: 'N 至 M', nOrMore: '至少 N', number: '次数',
    atLeast: '至少', atMost: '至多', to: '至', times: '次', orMore: '次或更多',
  },
  greedy: {
    gate: '不得出现的事件不计次数。', group: 'Flink 的组没有“尽量多”。', once: '只用于重复的步骤。', exact: '固定次数总是正好达到。', combinations: '不能与“任意组合”同时使用。',
    last: '对最后一步没有意义：每个较短的匹配也会报告。', 'optional-follows': '后面是可选步骤时 Flink 不接受。',
  },
  condition: {
    title: '条件', view: '条件的显示方式', rows: '行', text: '文本', both: '对照', cel: '{{title}}（CEL）', placeholder: '任意事件；输入即可补全', asText: '以文本编辑：行无法表达全部内容。',
    rowsWhenRight: '文本正确后显示行。',
  },
  rows: {
    combine: '各行的关系', all: '以下全部成立', any: '以下任一成立', add: '添加一行', field: '第 {{n}} 行的字段', operator: '第 {{n}} 行的比较', value: '第 {{n}} 行的值',
    remove: '移除第 {{n}} 行', compareWith: '第 {{n}} 行与其他内容比较', compareWithLabel: '比较对象', aValue: '一个值', aField: '另一个字段', aStage: '步骤 {{stage}}',
    which: '第 {{n}} 行比较的事件', stageField: '第 {{n}} 行比较的字段', firstOf: '首个 {{stage}}', lastOf: '最近的 {{stage}}', factor: '第 {{n}} 行的倍数',
    plus: '第 {{n}} 行的加数', true: '是', false: '否',
  },
  operator: {
    is: '等于', 'is-not': '不等于', below: '低于', 'at-most': '不高于', above: '高于', 'at-least': '不低于', 'one-of': '属于', 'none-of': '不属于',
    'starts-with': '开头是', 'not-starts-with': '开头不是', 'ends-with': '结尾是', 'not-ends-with': '结尾不是', contains: '包含', 'not-contains': '不包含',
    matches: '符合正则', 'not-matches': '不符合正则', present: '存在', absent: '不存在',
  },
  sample: {
    none: '还没有数据：选择文件后，每个条件都会在其上计数。', elsewhere: '这些事件在作业运行处产生；粘贴几行即可在此试运行。', loading: '正在读取样本', failed: '样本无法读取', notCounted: '条件正确后计数',
    meet: '{{total}} 个样本事件中有 {{n}} 个符合', meetAtMost: '{{total}} 个样本事件中至多 {{n}} 个符合', atMostWhy: '还取决于前面的步骤，只有匹配时才知道。', valuesOf: '样本中的取值：',
    eventsThatMeet: '符合的事件',
    short: { none: '没有样本', elsewhere: '由作业产生', loading: '读取中…', failed: '无法读取' },
  },
  foot: { of: '{{n}} / {{total}}', atMost: '≤ {{n}} / {{total}}' },
  advanced: {
    title: '高级', contents: '内部顺序、停止、时限', gateContents: '条件中的名称', inner: '重复之间', relaxed: '允许其他事件', until: '停止条件', stageWindow: '距上一步',
    noStageWindow: '无单独时限', celName: '条件中的名称', celNameHint: '条件和文字用此名称读取它的事件。',
  },
  naming: { 'name-empty': '步骤需要名称。', 'name-too-long': '名称太长。', 'name-taken': '已有同名步骤。' },
  duration: { placeholder: '10m、1h30m、90 秒', wrong: '写成 10m 或 1h30m。', tooShort: '至少 {{least}}' },
  action: { rename: '重命名', duplicate: '复制一份', delete: '删除', group: '组成一组', ungroup: '解散组', tidy: '从左到右整理' },
  palette: {
    title: '工具栏', event: '事件', eventHint: '发生的一步', not: '非', notHint: '不得发生', group: '组', groupHint: '一起的几步', source: '数据源', sourceHint: '事件从哪里来',
    key: '键', keyHint: '对每个键分别匹配', alert: '告警', alertHint: '匹配时发送什么',
  },
  legend: { title: '连线种类', links: '连线', without: '期间无……' },
  linkHint: { STRICT: '紧接的下一个事件', SKIP_TILL_NEXT: '期间可有其他事件', SKIP_TILL_ANY: '之后的每一个也算' },
  panel: { back: '返回模式', source: '数据源', key: '键', window: '时限', alert: '告警', running: '运行' },
  patterns: {
    title: '本作业的模式', choose: '{{count}} 个模式中的哪一个', add: '添加模式', name: '模式名称', remove: '删除此模式', new: '模式 {{n}}',
    removed: '已删除模式 {{name}}', added: '已添加模式 {{name}}', hint: '同一作业的所有模式读取相同的事件，各有各的键。',
  },
  overview: {
    title: '模式', stages_one: '{{count}} 步', stages_other: '{{count}} 步', sample: '{{name}}，{{n}} 个事件', noSource: '尚未选择',
    running: '并行 {{n}}，每 {{interval}} 检查点', hint: '在图上选择步骤或连线即可修改。',
  },
  source: {
    file: '文件', generator: '由生成器产生', none: '还没有说明事件从哪里来。', choose: '选择数据', change: '更换数据', events: '{{n}} 个事件', more: '（仅前面部分；作业会读取全部）',
    deadLetters_one: '{{count}} 条记录无法读取', deadLetters_other: '{{count}} 条记录无法读取', record: '记录 {{n}}', timeField: '事件时间', timeFormat: '写法',
    lateness: '乱序不超过', latenessHint: '作业为晚到的事件等待多久。', fields_one: '{{count}} 个字段', fields_other: '{{count}} 个字段', isTime: '时间',
  },
  rate: {
    title: '部署后的读取速度', fast: '尽快', perSecond: '每秒', eventTime: '按事件时间', perSecondUnit: '个/秒', unlimited: '尽快', perSecondN: '每秒 {{n}} 个',
    eventTimeN: '事件时间 × {{n}}', head: '前 {{n}} 个立即读取。',
  },
  key: {
    lead: '按键分别寻找模式：每个账号、每台主机。没有键时，所有事件是一条流。', fields: '对每个', none: '所有事件一起', distinct_one: '样本中 {{count}} 个值', distinct_other: '样本中 {{count}} 个值',
    advance: '推进每个键的时间', advanceHint: '在每个水位线处完成“不出现”并使尝试超时，而不必等该键的下一个事件。',
  },
  window: { lead: '从匹配的第一个事件到最后一个。超过时限的尝试会被丢弃。', within: '全程不超过', none: '没有时限时，永不完成的尝试会一直保留。' },
  alert: {
    after: '匹配之后', stage: '步骤', text: '告警文字', textPlaceholder: '{size(failed)} 次登录失败，用户 {success[0].user}', textHint: '花括号中的内容取自匹配的事件。',
    timedOut: '同时报告超时的尝试', timedOutHint: '它们以单独的类别写入输出。', timedOutText: '超时时的文字', late: '同时写出迟到的事件', lateHint: '无论如何都会计数。',
    where: '匹配恰好一次地写入 JSON 行文件，并显示在实况页的列表中。',
  },
  skipHint: {
    SKIP_PAST_LAST_EVENT: '然后重新开始：一个事件只用于一个匹配', NO_SKIP: '所有组合，即使互相重叠', SKIP_TO_NEXT: '每个起始事件的第一个匹配', SKIP_TO_FIRST: '并丢弃在它之前开始的',
    SKIP_TO_LAST: '并丢弃在它之前开始的',
  },
  running: {
    parallelism: '并行度', parallelismHint: '键分布在这么多子任务上。', interval: '检查点间隔', timeout: '检查点超时', retained: '保留的检查点数', delay: '重启前等待',
    perJob: '整个作业的部分匹配上限', perKey: '单个键的部分匹配上限', limitsHint: '超过上限时，作业停止并说明是哪一步、哪个键。',
  },
  quickAdd: { title: '添加一步', placeholder: '输入取值，或“非”', is: '{{field}} 等于 {{value}}', nothing: '没有匹配项' },
  zoom: { title: '缩放', fit: '显示全部', in: '放大', out: '缩小', whole: '到 100 %' },
  empty: { title: '要监视什么？', hint: '添加第一步、从工具栏拖入，或输入 / 选择发生的事件。', noData: '先选择数据，条件才能补全、检查和计数；也可以先加一步。', first: '添加第一步', template: '从模板开始' },
  connect: { hint: '连接到 {{name}}：方向键选择，Enter 连接，Esc 取消', target: '连接到 {{name}}？', none: '从这里没有可连接的步骤。', cancelled: '未连接。' },
  announce: { added: '已添加 {{name}}。', connected: '已连接 {{a}} 与 {{b}}。', pasted_one: '已粘贴 {{count}} 步。', pasted_other: '已粘贴 {{count}} 步。' },
  deleted: { one: '已删除 {{name}}', stages_one: '已删除 {{count}} 步', stages_other: '已删除 {{count}} 步', link: '已断开连线' },
  import: { done: '已导入 {{name}}。撤销可恢复原来的内容。', more_one: '还有 {{count}} 个问题', more_other: '还有 {{count}} 个问题' },
  refused: {
    gateNeedsStage: '“非”之前需要一步。', 'unknown-stage': '该步骤已不存在。', 'gate-after-optional': '“非”不能跟在可选步骤之后。', 'nothing-selected': '请先选择步骤。',
    'other-group': '它们不在同一组。', 'not-consecutive': '只有相邻的步骤才能组成一组。', 'starts-with-gate': '组不能以“非”开头。', 'too-deep': '组嵌套太深。',
    'same-stage': '步骤不能接自己。', 'already-linked': '它们已经相连。', 'makes-circle': '这会形成环。', 'gate-is-group': '组不能作为“非”。',
    'gate-hangs-on-link': '“非”挂在连线上；请改动连线。', 'optional-after-greedy': '可选步骤不能跟在尽量多的步骤之后。',
  },
  view: { title: '视图', drawing: '图', outline: '大纲', json: 'JSON' },
  outline: {
    add: '添加一步', addNot: '添加“非”', loose: '未连接', linkOf: '通向 {{name}} 的连线', earlier: '{{name}} 前移', later: '{{name}} 后移', delete: '删除 {{name}}',
  },
  json: { label: 'JSON 文档', apply: '应用', discard: '放弃', download: '下载' },
  problems: { none: '没有发现问题。', error: '错误', warning: '警告', goTo: '转到 {{name}}', goToPanel: '打开{{panel}}' },
  save: { saved: '草稿已保存', dirty: '保存中', saving: '保存中', offline: '离线草稿', conflict: '有新版本', failed: '未保存' },
  saveHint: {
    saved: '每次修改都会自动保存。', dirty: '每次修改都会自动保存。', saving: '每次修改都会自动保存。', offline: '运行时没有应答。草稿保存在此浏览器中，恢复后立即上传。', conflict: '有人保存了更新的版本；请选择其一。',
    failed: '未保存',
  },
  conflict: { text: '此草稿有更新的版本。没有覆盖任何内容。', take: '使用新版本', keep: '保留我的' },
  undo: { undo: '撤销：{{action}}', redo: '重做：{{action}}', redoPlain: '重做' },
  command: {
    'add-stage': '添加一步', 'place-stage': '添加一步', 'insert-stage': '插入一步', 'add-gate': '添加“非”', delete: '删除', 'splice-stage': '移动一步',
    'reorder-stage': '调整顺序', rename: '重命名', 'set-label': '重命名', 'set-condition': '条件', 'set-quantifier': '次数', 'set-until': '停止条件',
    'set-stage-window': '单步时限', 'set-link': '连线种类', connect: '连接', 'delete-link': '断开连线', 'wrap-group': '组成一组', 'unwrap-group': '解散组',
    'set-window': '时限', 'set-key': '键', 'set-skip': '匹配之后', 'set-output': '告警', 'set-advance-every-key': '键的时间', 'rename-pattern': '重命名', 'add-pattern': '添加模式', 'delete-pattern': '删除模式',
    'set-schema': '字段', 'set-time': '时间字段', 'set-source': '数据源', 'set-settings': '设置', 'set-tests': '测试', 'replace-document': '导入', paste: '粘贴',
    move: '移动', 'collapse-group': '折叠组', tidy: '整理',
  },
  deploy: { deploy: '部署', fix_one: '{{count}} 个错误：修复后才能部署', fix_other: '{{count}} 个错误：修复后才能部署', conflict: '请先选择版本' },
  dock: {
    title: '测试与问题', test: '测试', problems: '问题', resize: '测试区高度', fold: '收起', unfold: '展开', timedOutN: '{{count, number}} 个超时', running: '运行中',
    took: '{{ms}} 毫秒', stale: '结果来自上一个有效草稿', inBrowser: '已在浏览器中测试，尚未部署', events: '{{n}} 个事件', documentSample: '此图的样本', pastedEvents: '粘贴的事件',
    failed: '测试无法运行', fixFirst_one: '修复 {{count}} 个错误后自动测试。', fixFirst_other: '修复 {{count}} 个错误后自动测试。', noMatches: '样本中 0 个匹配',
    noTimedOut: '没有超时的尝试', noMatchesHint_one: '有 {{count}} 个尝试开始后超时：看看停在哪里。', noMatchesHint_other: '有 {{count}} 个尝试开始后超时：看看停在哪里。', fault: '运行停止：',
    lists: '列表', matches: '匹配', timedOut: '超时', nEvents_one: '{{count}} 个事件', nEvents_other: '{{count}} 个事件', firstOnly_one: '前 {{count}} 个',
    firstOnly_other: '前 {{count}} 个', late_one: '{{count}} 个迟到事件', late_other: '{{count}} 个迟到事件', open_one: '{{count}} 个仍在等待',
    open_other: '{{count}} 个仍在等待', key: '键', eventsOf: '匹配的事件', stage: '步骤', time: '时间（UTC）', record: '记录', moreEvents_one: '还有 {{count}} 个',
    moreEvents_other: '还有 {{count}} 个', expect: '预期', expects_one: '{{count, number}} 个匹配', expects_other: '{{count, number}} 个匹配',
    gotInstead_one: '得到 {{got}}，预期 {{count}}', gotInstead_other: '得到 {{got}}，预期 {{count}}', testsPassed_one: '{{count}} 个通过',
    testsPassed_other: '{{count}} 个通过', testsFailed_one: '{{count}} 个未通过', testsFailed_other: '{{count}} 个未通过', testPassed: '通过',
    testFailed: '未通过', testUnknown: '未运行', removeTest: '移除测试 {{name}}', addTest: '加入测试', testName: '测试 {{n}}', pasteLabel: '要测试的事件，每行一个',
    runPasted: '用这些运行',
  },
  strip: {
    match_one: '匹配 {{n}} · {{count}} 个事件 · {{duration}}', match_other: '匹配 {{n}} · {{count}} 个事件 · {{duration}}',
    expired_one: '超时 · {{count}} 个事件 · {{duration}}', expired_other: '超时 · {{count}} 个事件 · {{duration}}', unused: '符合条件，未使用', gateEvent: '不得出现',
  },
  unreadable: { title: '无法读取此草稿', begin: '从空白图开始' },
};
