export { apply } from './apply.ts';
export type { Command, CommandKind, Fragment, JobSettings, NewStage, Point } from './command.ts';
export {
  type ConnectRefusal, GROUP_DEPTH_MAX, type GroupRefusal, type Permission, canAddGate, canConnect, canGroup, canReorder, patternOf,
} from './connect.ts';
export { type ActionName, HISTORY_ENTRIES_MAX, type History, endGroup, execute, executeAll, historyOf, redo, redoName, undo, undoName } from './history.ts';
export { LAYOUT, type Layout, type Size, layout, layoutOf } from './layout.ts';
export { type Found, type Level, type LevelPath, type LinkType, allNodes, find, incoming, isChain, isGate, isGateLink, orderOf, outgoing } from './level.ts';
export { freeName, freshId, nameRefusal, newPatternId, newStageName } from './names.ts';
export { type GreedyRefusal, ONCE, greedyRefusal, hasProperty, normalQuantifier } from './quantifier.ts';
export { gatesBeside, neighbour } from './surgery.ts';
export { copyFragment, fragmentIds, fragmentOf, fragmentText } from './fragment.ts';
export { type Outline, type OutlineItem, outline } from './outline.ts';
export { blankDocument } from './blank.ts';
