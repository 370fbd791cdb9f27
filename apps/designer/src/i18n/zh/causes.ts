/**
 * Faults of a job in Chinese, by the code that the runtime gives.
 * Shape   [sentence, remedy]; `{worker}` is the worker process where one is named. CAUSE_DETAILS_ZH says more where the
 *         runtime's sentence has the form that stands there: which stage, key, event, limit.
 * Always  every code that a fault can have is here (a test reads the runtime's sources), and the details fit the
 *         sentences that the rooms really make (the same test makes them).
 */
export const CAUSES_ZH: Readonly<Record<string, readonly [message: string, remedy: string | null]>> = {
  'worker-lost': ['工作进程 {worker} 失联。', null],
  'link-lost': ['与另一个工作进程的数据连接断开。', null],
  'disk-failed': ['无法使用数据目录。', '检查数据目录所在的磁盘是否可写、是否已满。'],
  'sink-write-failed': ['无法写入输出文件。', '检查数据目录所在的磁盘是否可写、是否已满。'],
  'sink-closed': ['输出已关闭。', null],
  'checkpoint-damaged': ['检查点在选定之后损坏。', '检查数据目录所在的磁盘。'],
  'checkpoints-lost': ['此作业的所有检查点都已损坏或丢失。', '损坏的检查点在作业的隔离目录中。重新部署，从输入开头开始。'],
  'checkpoints-failing': ['检查点接连失败。', '检查数据目录所在的磁盘是否可写、是否已满。'],
  'source-missing': ['数据源不存在。', '检查路径，或重新上传文件。'],
  'source-not-readable': ['没有权限读取数据源。', '为运行时授予读取权限。'],
  'source-is-directory': ['数据源是文件夹，不是文件。', '选择其中的一个文件。'],
  'source-not-a-file': ['数据源不是普通文件，无法从某个位置重读。', '把内容写入文件，再选为数据源。'],
  'source-unreadable': ['无法读取数据源。', '检查存放文件的磁盘或挂载。'],
  'source-changed': ['数据源比作业第一次读取时短。', '放回原来的文件，或重新部署，从头读取新文件。'],
  'generator-misfit': ['生成器与事件的字段不符。', '按生成器的字段修改事件。'],
  'partial-matches-per-job': ['作业的部分匹配超过上限。', '缩短时间窗口、收紧条件或使用跳过策略，或在作业中提高上限。'],
  'partial-matches-per-key': ['一个键的部分匹配超过上限。', '缩短时间窗口、收紧条件或使用跳过策略，或在作业中提高上限。'],
  'matches-per-event': ['一个事件完成的匹配超过上限。', '缩短时间窗口、收紧条件或使用跳过策略，或在作业中提高上限。'],
  'absence-at-start': ['“不出现”限制了最开头的事件，因为它之前的阶段都可省略。', '把之前的某个阶段设为必需。'],
  'state-of-another-pattern': ['检查点保存的是另一版本模式的状态。', '把修改后的模式作为新作业部署。'],
  'skip-target-missing': ['跳过策略指定的阶段没有事件。', '选择匹配中一定出现的阶段。'],
  'skip-to-first-event': ['跳过策略会回到同一个起点。', '选择另一个阶段或另一种跳过策略。'],
  'state-bytes-per-key': ['一个键的状态超过上限。', '缩短时间窗口、收紧条件或使用跳过策略，或在作业中提高上限。'],
  'state-bytes-per-job': ['作业保存的状态超过上限。', '缩短时间窗口、收紧条件、使用跳过策略或减小乱序程度，或在作业中提高上限。'],
  'state-of-another-format': ['保存的状态采用了此版本不能读取的格式。', '用写入它的 Tidemark 版本运行作业，或作为新作业部署。'],
  'strategy-not-applicable': ['保存部分匹配的方式不适用于这个模式。', '去掉对方式的指定，由编译器选择。'],
  'endless-group': ['一个可以完全省略的组会无限重复。', '让组中的某一步必需。'],
  'edge-without-target': ['模式到达了没有后续的位置。', '把“不得出现”移到其他步骤之后，或关闭“尽量多”。'],
  'condition-evaluation': ['某个条件对一个事件无法求值。', '保护该条件，例如先判断字段是否存在或列表是否为空。'],
  'condition-cost': ['某个条件的计算量过大。', '简化条件，或缩短它读取的列表和文字。'],
  'no-source': ['作业没有数据源。', '选择数据源后再部署。'],
  'document-invalid': ['作业的文档无效。', '修正图后再部署。'],
  'output-not-writable': ['无法写入输出。', '腾出空间或换一个位置，再运行一次。'],
  'job-lost': ['集群不认识这个作业：它的文件已不存在，或运行时在接受它之前停止。', '再次部署该项目。'],
  'runtime-restarted': ['运行时重新启动。', null],
  'text-cost': ['匹配文字的计算量过大。', '缩短匹配文字。'],
  'restarts-exhausted': ['重启次数已用尽。', null],
  internal: ['运行时内部出错。', '查看运行时的日志。'],
};

const LIMIT_SHARE = String.raw`(?:The job has more than (?<limit>\d+)|One of the job's (?<subtasks>\d+) subtasks has more than (?<share>\d+))`;
const OF_LIMIT = String.raw`(?:, its share of the limit of (?<whole>\d+))?`;

/** Forms of the runtime's sentences, first that fits; `{name}` is filled from the groups, `[…]` falls away where a group in it is empty. */
export const CAUSE_DETAILS_ZH: Readonly<Record<string, readonly (readonly [form: RegExp, sentence: string])[]>> = {
  'worker-lost': [[/^worker (?<worker>\S+) \(process (?<pid>\d+)\) is gone$/, '工作进程 {worker}（进程号 {pid}）失联。']],
  'partial-matches-per-key': [[/^Key (?<key>.*) has more than (?<limit>\d+) partial matches; most of them wait after stage (?<stage>.*)\.$/s, '键 {key} 的部分匹配超过 {limit} 个；大多停在 {stage} 之后。']],
  'matches-per-event': [[/^One event of key (?<key>.*) completes more than (?<limit>\d+) matches; most of them wait after stage (?<stage>.*)\.$/s, '键 {key} 的一个事件完成的匹配超过 {limit} 个；部分匹配大多停在 {stage} 之后。']],
  'partial-matches-per-job': [[
    new RegExp(String.raw`^${LIMIT_SHARE} partial matches${OF_LIMIT} \(the newest of key (?<key>.*)\); most of them wait after stage (?<stage>.*)\.$`, 's'),
    '[作业的部分匹配超过 {limit} 个][作业的 {subtasks} 个子任务之一，部分匹配超过 {share} 个，即上限 {whole} 中它的份额]（最新的属于键 {key}）；大多停在 {stage} 之后。',
  ]],
  'state-bytes-per-key': [[/^Key (?<key>.*) has more than (?<limit>\d+) bytes of state; most of the partial matches wait after stage (?<stage>.*)\.$/s, '键 {key} 的状态超过 {limit} 字节；部分匹配大多停在 {stage} 之后。']],
  'state-bytes-per-job': [[
    new RegExp(String.raw`^${LIMIT_SHARE} bytes of state${OF_LIMIT}: most of the partial matches are of key (?<key>.*) and wait after stage (?<stage>.*?)(?:; (?<bytes>\d+) bytes are (?<rows>\d+) rows that wait for the watermark)?\.$`, 's'),
    '[作业的状态超过 {limit} 字节][作业的 {subtasks} 个子任务之一，状态超过 {share} 字节，即上限 {whole} 中它的份额]：部分匹配大多属于键 {key}，停在 {stage} 之后[；其中 {bytes} 字节是等待水位线的 {rows} 行]。',
  ]],
  'condition-evaluation': [[/^The condition of stage (?<stage>.*?) of pattern (?<pattern>\S+) could not be evaluated for the event at (?<place>\d+:\d+): (?<why>.*?)\. Condition: (?<condition>.*)$/s, '模式 {pattern} 中 {stage} 的条件，对位置 {place} 的事件无法求值：{why}。条件：{condition}']],
  'condition-cost': [[/^The condition of stage (?<stage>.*?) of pattern (?<pattern>\S+) could not be evaluated for the event at (?<place>\d+:\d+): (?<why>.*?)\. Condition: (?<condition>.*)$/s, '模式 {pattern} 中 {stage} 的条件，对位置 {place} 的事件计算量过大。条件：{condition}']],
  'text-cost': [[/^The output text of pattern (?<pattern>.*) costs too much for one match: /, '模式 {pattern} 的匹配文字对一个匹配计算量过大。']],
  'skip-target-missing': [[/^Could not skip to (?<stage>.*): the match found has no event of that stage\.$/, '无法从 {stage} 重新开始：找到的匹配中没有这一步的事件。']],
  'skip-to-first-event': [[/^Could not skip to (?<stage>.*): it is the first event/, '无法从 {stage} 重新开始：它是匹配的第一个事件，会永远从那里开始。']],
  'state-of-another-format': [[/^The saved state has format (?<format>\d+);/, '保存的状态格式为 {format}，此版本的 Tidemark 不能读取。']],
  'source-missing': [[/^The source (?<path>.*) (?:does not exist|is a link that leads nowhere)\.$/, '数据源 {path} 不存在。']],
  'source-not-readable': [[/^The source (?<path>.*) may not be read\.$/, '没有权限读取数据源 {path}。']],
  'source-is-directory': [[/^The source (?<path>.*) is a directory, not a file\.$/, '数据源 {path} 是文件夹，不是文件。']],
  'source-unreadable': [[/^The source (?<path>.*?) cannot be read(?: \((?<code>\w+)\))?\.$/, '无法读取数据源 {path}[（{code}）]。']],
  'generator-misfit': [[/^The generator (?<generator>\S+) has no (?:required )?field (?<field>.*) of type (?<type>\w+)\.$/, '生成器 {generator} 没有类型为 {type} 的字段 {field}。']],
  'disk-failed': [[/^the data directory cannot be used \((?<code>\w+)\)$/, '无法使用数据目录（{code}）。']],
  'sink-write-failed': [[/^output file (?<path>.*) could not be written \((?<code>.*)\)$/, '无法写入输出文件 {path}（{code}）。']],
  'checkpoints-failing': [[/^(?<count>\d+) checkpoints in a row failed; the last: /, '连续 {count} 个检查点失败。']],
};

/** Why a condition has no value, as the condition room says it. */
export const EVALUATION_ZH: readonly (readonly [form: RegExp, words: string])[] = [
  [/^the event has no (?<field>.*)$/, '事件没有 {field}'],
  [/^the list has no element at this place$/, '列表在该处没有元素'],
  [/^(?<name>\w+) of an empty list has no value$/, '空列表没有 {name}'],
  [/^an integer is divided by zero$/, '整数除以零'],
  [/^an integer leaves /, '整数超出可精确表示的范围'],
  [/^the text is not /, '文字无法这样转换'],
  [/^a text (?:grows beyond|longer than) (?<max>\d+) characters/, '文字超过 {max} 个字符'],
  [/^the moment /, '时刻超出可用的年份'],
  [/^no value$/, '没有值'],
];

/** Why a checkpoint failed, as the job manager says it. */
export const CHECKPOINT_FAILURES_ZH: readonly (readonly [form: RegExp, words: string])[] = [
  [/^not all tasks acknowledged in time$/, '未及时收到全部确认'],
  [/^(?<task>\S+): overtaken by a newer checkpoint$/, '{task}：被更新的检查点取代'],
  [/^(?<task>\S+): cancelled by an input$/, '{task}：被输入取消'],
  [/^damaged, put into quarantine: /, '已损坏，移入隔离目录'],
  [/^(?<task>\w+\/\d+): .*\b(?<code>E[A-Z]{3,})\b/, '{task}：磁盘拒绝写入（{code}）'],
  [/\b(?<code>E[A-Z]{3,})\b/, '磁盘拒绝写入（{code}）'],
  [/^a task stopped$/, '有任务停止'],
];
