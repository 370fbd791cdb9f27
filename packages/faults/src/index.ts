export { FAULT_KINDS, type FaultKind, type FaultPlanOptions, type PlannedFault, drawFaultPlan } from './fault-plan.ts';
