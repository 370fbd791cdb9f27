import type { Words } from '../index.ts';
import type { jobs as en } from '../en/jobs.ts';

export const jobs: Words<typeof en> = {
  title: '作业',
  lead: '在事件流上画出模式，用样本试运行，部署，再故意弄坏运行时看它恢复。',
  filter: { label: '显示哪些作业', all: '全部 {{n}}', running: '运行中 {{n}}', attention: '需要处理 {{n}}', none: '没有处于此状态的作业。' },
  column: { name: '名称', state: '状态', version: '版本', events: '事件', matches: '匹配', restarts: '重启', checkpoint: '最近检查点', actions: '操作' },
  state: {
    DRAFT: '草稿', CREATED: '正在启动', INITIALIZING: '正在启动', RUNNING: '运行中', RESTARTING: '正在重启', FINISHED: '已完成',
    CANCELLING: '正在停止', CANCELED: '已停止', FAILED: '失败',
  },
  stages_other: '{{count}} 个阶段', stages_one: '{{count}} 个阶段',
  row: { matches_one: '{{n}} 个匹配', matches_other: '{{n}} 个匹配', version: '版本 {{n}}', events: '{{n}} 个事件', restarts_one: '重启 {{count}} 次', restarts_other: '重启 {{count}} 次', notDeployed: '未部署' },
  action: { menu: '{{name}} 的操作', openLive: '打开实况', openDesign: '打开设计', stop: '停止', deployAgain: '再次部署', output: '下载输出', delete: '删除' },
  stopped: '{{name}} 正在停止。',
  deployed: '{{name}} 正在以版本 {{n}} 启动。',
  deleted: '已删除 {{name}}。',
  deleteRunning: { title: '删除 {{name}}？', text: '它的作业正在运行，会先停止；输出文件保留在原处。', confirm: '停止并删除' },
  deleteFailed: '{{name}} 未能删除',
  new: '新建作业',
  start: {
    title: '从模板开始', hint: '每个模板打开时都已在浏览器里用自带样本测试过。你确认之前不会部署。',
    opening: '正在打开 {{name}}', shows: '展示：{{what}}', sample_one: '{{events}} 个事件，{{count}} 个匹配', sample_other: '{{events}} 个事件，{{count}} 个匹配', invented: '虚构数据',
    own: '或者从自己的数据开始',
    data: { title: '从数据开始', text: '根据文件提出类型、时间和键的建议，由你修正。', kinds: 'CSV、NDJSON 或 JSON，最大 100 MB', choose: '选择文件', paste: '粘贴数据行', drop: '把文件拖到这里，或本页任意位置' },
    blank: { title: '空白', text: '一张空白画布，先询问数据。', open: '新建空白画布', name: '新模式' },
  },
  dropHere: '松开即可从此文件开始',
  stale: '运行时没有应答。以下是 {{at}} 的数值。',
};
