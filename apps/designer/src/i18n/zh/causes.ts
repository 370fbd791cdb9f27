/**
 * Faults of a job in Chinese, by the code that the runtime gives.
 * Shape   [sentence, remedy]; `{worker}` is the worker process where one is named.
 */
export const CAUSES_ZH: Readonly<Record<string, readonly [message: string, remedy: string | null]>> = {
  'worker-lost': ['工作进程 {worker} 失联。', null],
  'link-lost': ['与另一个工作进程的数据连接断开。', null],
  'disk-failed': ['无法使用数据目录。', '检查数据目录所在的磁盘是否可写、是否已满。'],
  'sink-write-failed': ['无法写入输出文件。', '检查数据目录所在的磁盘是否可写、是否已满。'],
  'sink-closed': ['输出已关闭。', null],
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
  'condition-cost': ['某个条件的计算量过大。', '简化条件。'],
  'text-cost': ['匹配文字的计算量过大。', '缩短匹配文字。'],
  'restarts-exhausted': ['重启次数已用尽。', null],
  internal: ['运行时内部出错。', '查看运行时的日志。'],
};
