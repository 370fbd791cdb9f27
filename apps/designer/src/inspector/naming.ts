/**
 * What renaming means: a card shows words in the reader's language, conditions read an identifier. One field serves both.
 * Always  a text that is an identifier becomes the name where the card shows the name; any other text becomes the label,
 *         and where the name was made up by the editor (stage1) it follows the words.
 */
import type { Command } from '@tidemark/editor';
import { nameRefusal } from '@tidemark/editor';
import { type PatternGraph, type PatternNode, identifierLike, isIdentifier, isReservedWord } from '@tidemark/pattern';
import { allNodes } from '../canvas/chain.ts';
import type { Language } from '../i18n/index.ts';

export type NameRefusal = 'name-empty' | 'name-too-long' | 'name-taken';

export function renameCommands(pattern: PatternGraph, node: PatternNode, text: string, language: Language): { readonly ok: true; readonly commands: readonly Command[] } | { readonly ok: false; readonly reason: NameRefusal } {
  const words = text.trim();
  const patternId = pattern.id;
  const shown = node.label?.[language];
  if (words === (shown ?? node.name)) return { ok: true, commands: [] };
  const plain = isIdentifier(words) && !isReservedWord(words);
  if (words === '' && shown !== undefined) return { ok: true, commands: [{ kind: 'set-label', patternId, id: node.id, language, label: null }] };
  if (node.type === 'COMPOSITE' && shown === undefined) {
    const refusal = nameRefusal(pattern, node.id, words);
    return refusal === null ? { ok: true, commands: [{ kind: 'rename', patternId, id: node.id, name: words }] } : { ok: false, reason: refusal };
  }
  if (plain && shown === undefined) {
    const refusal = nameRefusal(pattern, node.id, words);
    return refusal === null ? { ok: true, commands: [{ kind: 'rename', patternId, id: node.id, name: words }] } : { ok: false, reason: refusal };
  }
  if (words === '') return { ok: false, reason: 'name-empty' };
  if (words.length > 200) return { ok: false, reason: 'name-too-long' };
  const commands: Command[] = [{ kind: 'set-label', patternId, id: node.id, language, label: words }];
  if (/^stage\d+$/.test(node.name) && node.label === undefined && /[A-Za-z]/.test(words)) {
    const taken = new Set([...allNodes(pattern)].filter((other) => other.id !== node.id).map((other) => other.name));
    commands.push({ kind: 'rename', patternId, id: node.id, name: identifierLike(words, taken) });
  }
  return { ok: true, commands };
}
