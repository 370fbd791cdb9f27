import type { Words } from '../index.ts';
import type { live as en } from '../en/live.ts';

export const live: Words<typeof en> = {
  title: '实况',
  run: { label: '哪次运行', item: '版本 {{version}}，{{at}}', current: '版本 {{version}}' },
  figure: {
    label: '指标', eventsIn: '输入事件', perSecond: '/秒', matches: '匹配', matchesRate: '匹配，每分钟 {{rate}}',
    partial_one: '部分匹配，{{keys}} 个键', partial_other: '部分匹配，{{keys}} 个键', behind: '水位线落后', checkpoint: '检查点 {{id}}，{{ago}}前',
    partialShort: '部分匹配', behindShort: '水位线', checkpointShort: '检查点 {{id}}',
    checkpointNone: '还没有检查点', late: '迟到 {{n}}', deadLetters: '无法读取 {{n}}', progress: '已读输入的 {{percent}}', read: '已读 {{n}}', endOfInput: '输入结束',
  },
  drawing: {
    title: '模式', watermark: '水位线', behind: '比最新事件落后 {{behind}}', noWatermark: '还没有水位线', utc: '世界时',
    restarted: '{{at}} 重启，计数从检查点继续',
  },
  stage: {
    waiting: '等待', waitingHint: '最后一个事件落在此阶段的部分匹配', waitingAtMostHint: '最后一个事件落在此阶段的部分匹配，至多此数：它们共同保存，其中有些可能已结束',
    expiredHint: '在此处超出时间窗口的尝试', blocked: '阻断 {{n}}', blockedHint: '被不应出现的事件终止的尝试',
    enteredLabel: '进入', advancedLabel: '前进', expiredLabel: '过期',
    held: '暂留 {{n}}', heldHint: '已完成，等待更早开始的尝试', dropped: '丢弃 {{n}}', droppedHint: '已完成，被跳过策略移除',
    perMinute: '每分钟 {{n}}', found_one: '个匹配', found_other: '个匹配',
  },
  checkpoints: {
    title: '检查点', sub: '每 {{interval}} 一次，保留 {{retained}} 个', counts: '完成 {{completed}}，失败 {{failed}}', height: '高度：耗时', newest: '最新 {{id}}',
    none: '启动后 {{interval}} 出现第一个检查点。', id: '编号', state: '状态', acks: '确认', duration: '耗时', size: '大小',
    phase: { triggered: '进行中', completed: '已完成', failed: '失败' }, ackCount: '{{n}} / {{of}}', final: '最终', at: '{{at}}',
    bars: '{{n}} 个检查点，耗时 {{min}} 至 {{max}}',
  },
  workers: {
    title: '工作进程', name: '工作进程', state: '状态', cpu: '处理器', memory: '内存', none: '作业启动后出现工作进程。', ended: '作业已结束，工作进程已退出。',
    pidOf: '进程号 {{pid}}', load: '处理器、内存',
    phase: { starting: '启动中', running: '运行中', lost: '失联', stopped: '已停止' }, subtasks_one: '{{count}} 个子任务', subtasks_other: '{{count}} 个子任务',
    kill: '杀死进程', killName: '杀死进程 {{worker}}，进程号 {{pid}}',
  },
  kill: {
    title: '杀死工作进程 {{worker}}？', text: '向进程 {{pid}} 发送 SIGKILL，它没有机会保存任何东西。',
    afterwards: '作业会从最近完成的检查点（{{checkpoint}}）重启，并从那里继续读取。', noCheckpoint: '还没有完成的检查点：作业会从输入开头重新开始。',
    law: '之后，已提交的输出必须与没有故障的运行相同。证明一行会显示是否如此。',
    confirm: '杀死进程 {{pid}}', failed: '未能杀死工作进程',
  },
  recovery: {
    title: '恢复', noneEnded: '这次运行没有故障。', none: '目前没有故障。杀死一个工作进程，看作业不丢不重地恢复。', nth: '第 {{n}} 次，共 {{of}} 次', older: '更早的恢复', newer: '更晚的恢复',
    took: '{{total}} 后追上，条形按比例', running: '已 {{total}}，条形按比例',
    step: {
      fault: '故障', detected: '发现', cancelled: '取消', waited: '等待', 'workers-started': '进程启动', 'checkpoint-chosen': '选定检查点', restored: '状态恢复',
      running: '重新运行', 'caught-up': '追上',
    },
    checkpoint: '从检查点 {{id}}', fromStart: '从头开始', replayed_one: '重读 {{n}} 个事件', replayed_other: '重读 {{n}} 个事件', steps: '恢复步骤',
  },
  proof: {
    label: '证明', notApplicable: '数据源没有终点，因此没有无故障的运行可比较。',
    waiting: '本次运行读到数据后，开始无故障的对照运行。', running: '正在与无故障的运行比较，下一个检查点后有首批结果。',
    equalSoFar: '至输入的 {{percent}}，匹配编号与无故障的运行相同。', equal: '全部匹配编号与无故障的运行相同。',
    notCompared: '未比较', held: '恰好一次成立', holds: '目前恰好一次', broken: '不相同', different: '应有 {{expected}} 个；有 {{unexpected}} 个在无故障的运行中不存在。',
    failed: '无故障的对照运行未能完成：{{detail}}', pending: '尚未比较', figures: '丢失 {{missing}}，重复 {{doubled}}',
  },
  chart: {
    title: '吞吐与延迟', sub: '最近 {{span}}', events: '每秒输入事件', behind: '水位线落后', none: '图表只显示本页打开以来的数值。',
    summary: '{{name}}：当前 {{now}}，最近 {{span}} 最高 {{max}}',
  },
  matches: {
    title: '匹配', subCommitted: '已提交 {{committed}}', sub: '已提交 {{committed}}，待提交 {{pending}}', pause: '暂停列表', resume: '继续', fresh_one: '{{count}} 个新匹配', fresh_other: '{{count}} 个新匹配',
    pending: '待提交', committed: '已提交', retracted: '将重现', pendingHint: '下一个检查点完成时提交', retractedHint: '因重启被收回，重放会再次产生',
    within: '跨度 {{span}}', checkpoint: '检查点 {{id}}', next: '随下一个检查点提交', late: '迟到事件', timedOut: '超时', deadLetter: '无法读取',
    none: '还没有匹配。', noneDetail: '水位线越过最后一个事件后匹配就会出现在这里，并随下一个检查点提交。',
    noneEver: '作业结束，没有匹配。', events: '匹配 {{id}} 的事件', more_one: '另有 {{count}} 个事件', more_other: '另有 {{count}} 个事件', noEvents: '没有出现', older: '加载更早的', allLoaded: '共 {{n}} 个，已全部显示。',
    omitted: '一次到来的匹配太多，有 {{n}} 个未直接显示；它们在下面的分页中。', loadFailed: '更早的匹配加载失败。', download: '下载输出', id: '匹配编号', copyId: '复制匹配编号',
    announce_one: '{{count}} 个新匹配，已提交 {{committed}} 个', announce_other: '{{count}} 个新匹配，已提交 {{committed}} 个', source: '分片 {{split}}，第 {{position}} 个事件', label: '匹配列表',
    filter: '按键或文字筛选', noneFiltered: '已加载的匹配中没有符合的。',
  },
  state: {
    noJob: '还没有运行', noJobText: '部署这张图，即可实时看到部分匹配和匹配。先看它工作，再把它弄坏。', deploy: '部署',
    finished: '作业已读完全部输入并结束。', finishedDetail: '{{events}} 个事件，{{matches}} 个匹配，用时 {{duration}}。', canceled: '作业已停止。', failed: '作业失败：{{cause}}', remedy: '解决办法：{{remedy}}',
    restarting: '发生故障，作业正在重启：{{cause}}', connecting: '正在连接运行时。',
    offline: '运行时未连接。显示 {{at}} 的最后数值。', offlineNone: '运行时未连接，会自动重试。', retryNow: '立即重试',
    version: '此页面比运行时旧，请重新加载。', unknownJob: '运行时已不认识这次运行。', gone: '会话已结束。请重新加载页面并输入令牌。',
  },
  action: { stop: '停止', stopping: '正在停止', deployAgain: '再次部署', output: '输出', more: '更多操作' },
  stop: { title: '停止这个作业？', text: '它将在此结束。待提交的匹配不会提交，之后也不能继续；再次部署会从头开始。', confirm: '停止作业' },
  tab: { label: '本页的各部分', pattern: '模式', matches: '匹配', checkpoints: '检查点', break: '进程' },
  deploy: {
    title: '部署 {{name}}', warnings: '可以运行，但有这些警告：', errors: '还不能运行：',
    anyway: '仍然部署', deploying: '正在部署', failed: '作业未能部署', toDesign: '前往设计', newer: '草稿已有更新，请在设计页查看后再部署。', fix: '解决办法：{{fix}}',
  },
};
