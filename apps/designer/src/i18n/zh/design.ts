import type { Words } from '../index.ts';
import type { design as en } from '../en/design.ts';

export const design: Words<typeof en> = {
  title: '设计',
};
