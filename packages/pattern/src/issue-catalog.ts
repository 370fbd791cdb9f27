/**
 * Every issue that this room can raise: code, severity, sentence, remedy. One place, so that translations, the
 * guide and the tests can list them.
 *
 * Shape   `message` and `fix` hold `{value}` placeholders, filled from the issue's `values`.
 * Always  a code, once released, keeps its meaning. `error` = Flink refuses it, or it hangs or crashes there, or the
 *         document does not say enough to run. `warning` = Flink runs it, but hardly as its author means it.
 * Not here: codes of conditions and templates (packages/condition); they pass through with their own sentences.
 * Source  reference/flink-cep-semantics.md §1.2, §1.5, §1.7a.
 */
interface Entry { readonly severity: 'error' | 'warning'; readonly message: string; readonly fix: string | null }
const error = (message: string, fix: string | null): Entry => ({ severity: 'error', message, fix });
const warning = (message: string, fix: string | null): Entry => ({ severity: 'warning', message, fix });

export const ISSUES = {
  // --- decoding: the text and its shape
  'document-too-large': error('The document is larger than {limit} bytes.', 'Move long tests into a sample file and refer to it.'),
  'not-json': error('The text is not JSON: {reason} (line {line}, column {column}).', 'Correct the text at that place.'),
  'not-an-object': error('A job document is a JSON object; this is {found}.', null),
  'too-deep': error('The document nests deeper than {limit} levels.', 'Flatten groups within groups.'),
  'prototype-key': error('The key "{key}" may not occur in a document: JavaScript gives it a meaning of its own.', 'Rename or remove the key.'),
  'not-a-job-document': error('This is not a Tidemark job: "format" must be "{format}".', 'Import a document that Tidemark has exported.'),
  'unknown-version': error('Version {version} of the notation is unknown.', 'Set "version" to {supported}.'),
  'newer-version': error('The document has version {version} of the notation; this Tidemark reads up to version {supported}.', 'Update Tidemark, or export the document from the older one.'),
  'missing-field': error('"{field}" is missing.', 'Add "{field}".'),
  'unknown-field': error('"{field}" is not known here.', 'Remove it, or correct its spelling.'),
  'wrong-type': error('"{field}" must be {expected}, but is {found}.', null),
  'unknown-value': error('"{field}" must be one of {expected}.', null),
  'out-of-range': error('"{field}" is outside its limits: {limit}.', null),
  'bad-format': error('"{field}" has the wrong form: {expected}.', null),
  'duplicate-id': error('The id "{id}" is used twice.', 'Give one of the two another id; names may stay.'),

  // --- job
  'no-pattern': error('The document has no pattern.', 'Add a stage.'),
  'too-many-keys': error('The patterns have {count} different keys; a job has at most {max}, because each costs an exchange and subtasks of its own.', 'Put patterns with other keys into a job of their own.'),
  'no-schema': error('What an event looks like is not known yet.', 'Give the drawing its data: a file, pasted lines or a generator.'),
  'no-source': error('The job has no source to read from.', 'Choose a file or a generator as the source.'),
  'source-without-file': error('The source names neither a sample nor a file.', 'Choose a sample or a path.'),
  'source-file-twice': error('The source names "{name}" twice, so that its events would count twice.', 'Remove one of the two.'),
  'source-with-two-files': error('The source names more than one of a sample, a path and a list of files.', 'Keep one of them.'),
  'processing-time': warning('The job goes by processing time: an event counts at the moment it is read. A replay after a failure, or another run of the same events, may give other matches and time-outs; time does not pass any more when the input has ended.', 'Leave it so where only the moment of arrival counts; else choose event time.'),
  'unused-by-processing-time': warning('By processing time no event is late and no split is waited for, so "{field}" has no effect.', 'Remove it, or choose event time.'),
  'idleness-of-one-split': warning('Idleness is set, but the source has one split: there is no other that could go on without it.', 'Remove the idleness, or read several files.'),
  'idleness-by-the-clock': warning('A split that is idle is not waited for, so which events are late depends on the clock: another run of the same events may give other matches.', 'Leave it so for live data; remove the idleness where every run must give the same.'),
  'unknown-generator': error('There is no generator "{name}".', 'Name one of those that there are: {known}.'),
  'parallelism-above-max': error('Parallelism {parallelism} is larger than the maximum {max}, which fixes the number of key groups.', 'Lower the parallelism to {max} or raise the maximum before the first deployment.'),
  'test-without-events': warning('Test "{name}" has neither events nor a sample, so it cannot run.', 'Give the test events, or delete it.'),

  'test-of-unknown-pattern': warning('Test "{name}" is about the pattern "{pattern}", which the document does not have.', 'Delete the test.'),

  // --- schema and key
  'no-fields': error('An event has no field.', 'Add at least the time field.'),
  'duplicate-field': error('The field "{field}" is listed twice.', 'Remove one of the two.'),
  'reserved-name': error('"{name}" cannot be used as a name: JavaScript gives it a meaning of its own.', 'Choose another name.'),
  'time-field-missing': error('The time field "{field}" is not a field of the event.', 'Choose one of the fields as event time.'),
  'time-field-type': error('The time field "{field}" has type {type}; it must be int (milliseconds, whatever the source writes).', 'Set its type to int and give the notation of the source as its format.'),
  'unknown-key-field': error('The key field "{field}" is not a field of the event.', '{suggestion}'),
  'duplicate-key-field': error('The key names the field "{field}" twice.', 'Remove one of the two.'),
  'key-field-optional': warning('Some events lack the key field "{field}"; they go to the dead letters and are never matched.', 'Choose a key that every event carries, or leave it so.'),

  'key-field-optional-here': warning('Some events lack the key field "{field}"; this pattern never sees them. Other patterns do.', 'Choose a key that every event carries, or leave it so.'),

  // --- order
  'unknown-tie-break-field': error('The tie-break names the field "{field}", which is not a field of the event.', '{suggestion}'),
  'duplicate-tie-break-field': error('The tie-break names the field "{field}" twice.', 'Remove one of the two.'),
  'tie-break-by-time': warning('The tie-break orders events of equal time by "{field}", which is that time: it changes nothing.', 'Choose another field.'),

  // --- chain
  'empty-pattern': error('The pattern has no stage.', 'Add a stage.'),
  'empty-group': error('The group "{name}" is empty.', 'Put a stage into it, or delete it.'),
  'unknown-link-end': error('A link refers to the stage id "{id}", which does not exist here.', 'Delete the link.'),
  'link-across-group': error('A link joins "{source}" and "{target}", which are not in the same group.', 'Link the group itself, or move the stage into it.'),
  'several-begins': error('"{name}" is not connected: no link leads to it, and the pattern already starts elsewhere.', 'Connect "{name}" with the chain, or delete it.'),
  'no-begin': error('The stages form a circle, so none of them is the first.', 'Delete one link of the circle.'),
  'cycle': error('"{name}" lies on a circle of links that the chain never reaches.', 'Delete one link of the circle.'),
  'several-outgoing': error('Two links leave "{name}"; a stage has one successor.', 'Delete one of the links.'),
  'several-incoming': error('Two links lead to "{name}"; a stage has one predecessor.', 'Delete one of the links.'),
  'gate-is-group': error('The group "{name}" stands behind a "not" link; Flink knows no absence of a group.', 'Use a single stage for the absence.'),

  // --- names
  'duplicate-stage-name': error('Two stages are called "{name}".', 'Rename one of them.'),
  'reserved-stage-name': error('"{name}" is the name of Flink\'s own end state.', 'Choose another name.'),
  'stage-name-not-identifier': error('"{name}" cannot be read in conditions: a name is letters, digits and _, and does not begin with a digit.', 'Rename it, for example to "{suggestion}", and keep the words as its label.'),
  'stage-name-reserved': error('"{name}" is a word of the condition language.', 'Rename it, for example to "{suggestion}".'),
  'stage-name-colon': warning('Flink cuts the name "{name}" at the colon: its matches call the stage "{cut}".', 'Leave out the colon.'),

  // --- quantifiers (6 to 19)
  'quantifier-kind-missing': error('"{name}" does not say how often: once (SINGLE), a number of times (TIMES) or repeatedly (LOOPING).', 'Add one of the three to its properties.'),
  'quantifier-twice': error('"{name}" has two quantifiers.', 'Keep one.'),
  'times-missing': error('"{name}" is to occur a number of times, but the number is missing.', 'Say how often.'),
  'times-ignored': warning('"{name}" occurs once, so its number of times has no effect.', 'Remove the number, or choose "a number of times".'),
  'times-not-positive': error('"{name}" is to occur {from} times; the number must be 1 or more.', 'Use 1 or more, or make the stage optional.'),
  'times-from-not-positive': error('"{name}" is to occur from {from} times; that must be 1 or more, or 0 in a range.', 'Use 1 or more, and optional for "or not at all".'),
  'times-range-empty': error('"{name}" is to occur {from} to {to} times: the end lies before the beginning.', 'Exchange the two numbers.'),
  'quantifier-on-gate': error('"{name}" must not happen, so it cannot be repeated or greedy.', 'Set "how many" back to once.'),
  'optional-gate': error('"{name}" must not happen, so it cannot be optional.', 'Remove "optional".'),
  'optional-twice': error('"{name}" is made optional twice.', 'Remove one.'),
  'optional-after-greedy': error('"{name}" is optional right after "{previous}", which takes as many as possible; Flink refuses the pair.', 'Switch off "as many as possible" on "{previous}", or require "{name}".'),
  'greedy-group': error('The group "{name}" cannot take as many as possible.', 'Switch off greedy on the group; a stage inside it may be greedy.'),
  'greedy-with-combinations': error('"{name}" takes as many as possible and also any combination; the two contradict each other.', 'Keep one of the two.'),
  'greedy-single': error('"{name}" occurs once, so "as many as possible" means nothing.', 'Switch off greedy, or choose "N or more".'),
  'combinations-single': error('"{name}" occurs once, so "any combination" means nothing.', 'Choose "N or more" or "N to M", or the relaxed setting.'),
  'combinations-twice': error('"{name}" asks for any combination twice.', 'Remove one.'),
  'consecutive-single': error('"{name}" occurs once, so "in a row" means nothing.', 'Choose "N or more" or "N to M", or the relaxed setting.'),
  'consecutive-twice': error('"{name}" asks for "in a row" twice.', 'Remove one.'),
  'consecutive-and-combinations': error('"{name}" asks for "in a row" and for "any combination".', 'Keep one of the two.'),
  'until-twice': error('"{name}" has two stop conditions.', 'Join them with ||.'),
  'until-without-loop': error('"{name}" has a stop condition, but does not repeat without end.', 'Choose "N or more", or remove the stop condition.'),
  'condition-on-group': error('The group "{name}" has a condition; only stages have one.', 'Move the condition to the stages inside.'),
  'condition-missing': error('A condition of "{name}" is empty.', 'Write the condition, or remove it.'),
  'gate-after-optional': error('"{name}" must not happen after "{previous}", which is optional; Flink refuses the pair.', 'Require "{previous}", or draw two patterns, one with it and one without.'),

  // --- after-match
  'skip-target-missing': error('The after-match strategy {strategy} does not say to which stage.', 'Choose a stage, or another strategy.'),
  'skip-target-not-found': error('The after-match strategy names "{target}", which is no stage at the top level of the pattern.', 'Choose a stage outside of groups.'),
  'skip-target-never-taken': warning('The after-match strategy restarts at "{target}", which must not happen, so it never has an event: nothing is skipped.', 'Choose a stage that takes events.'),
  'skip-to-own-start': warning('A match starts with "{target}", so restarting there and failing on a miss fails the job at the first match.', 'Choose another strategy, or do not fail on a miss.'),
  'skip-target-optional': warning('"{target}" may take no event; then the job fails, because the strategy says to fail on a miss.', 'Require "{target}", or do not fail on a miss.'),
  'skip-holds-back': warning('No window: with this after-match strategy a match is held back while an earlier-started one is still open, possibly for ever.', 'Add a window, or report every match.'),

  // --- windows
  'window-not-whole': error('A window of {size} {unit} is not a whole number of milliseconds.', 'Use a smaller unit.'),
  'window-too-long': error('A window of {size} {unit} is longer than time can be counted.', 'Shorten it.'),
  'trailing-not-without-window': error('The pattern ends with "{name}" not happening, but no window says until when.', 'Add a window: "all within …".'),
  'gap-window-above-window': error('The gap before "{name}" may last {gapMs} ms, longer than the whole match, which may last {windowMs} ms.', 'Shorten the gap or lengthen the window.'),
  'window-not-positive': warning('A window of {ms} ms switches off: in Flink it also cancels every other window of the whole match.', 'Remove it, or give it a length above 0.'),
  'gap-window-not-positive': warning('A window of {ms} ms on the link to "{name}" has no effect.', 'Remove it, or give it a length above 0.'),
  'window-overridden': warning('The window on "{name}", the last stage, is replaced by that of the pattern.', 'Remove one of the two.'),
  'several-windows': warning('Several windows apply to the whole match; the shortest, {ms} ms, counts.', 'Keep one window, on the pattern.'),
  'window-on-stage': warning('The window on "{name}" counts from the first event of the match and holds for all of it, wherever it stands.', 'Move it to the pattern.'),
  'window-on-group': warning('The window on the group "{name}" is not one of the group alone: Flink applies it to the whole match.', 'Move it to the pattern.'),
  'window-in-group': warning('The window on "{name}" inside a group holds for the whole match in Flink, not for the group.', 'Move it to the pattern.'),
  'window-last-in-group': warning('Flink ignores the window on "{name}", because it is the last stage of a group.', 'Move it to the pattern.'),
  'gap-window-on-repeated': warning('Flink ignores the window on the link to "{name}", because the stage is repeated.', 'Remove it, or limit the whole match.'),
  'gap-window-on-first': warning('Nothing comes before "{name}", so the window on its link has no effect.', 'Remove it.'),
  'gap-window-on-group': warning('Flink ignores the window on the link to the group "{name}".', 'Put it on the first stage inside the group.'),
  'gap-window-on-gate': warning('Flink ignores the window on the link to "{name}": an absence in the middle lasts until the next stage.', 'Put it on the stage after it.'),
  'times-window': warning('The window of {ms} ms between repetitions of "{name}" limits in Flink only the gap before the first and those up to the one before last; the last gap is not checked.', 'Limit the whole match instead, or accept Flink\'s rule.'),
  'times-window-loop': warning('The window of {ms} ms on the repetitions of "{name}" limits in Flink only the gaps up to the required count; gaps of the loop after it are never checked.', 'Limit the whole match instead, or accept Flink\'s rule.'),
  'times-window-on-group': warning('Flink does not hold the window between repetitions to the group "{name}": it is ignored, or acts on one group and not on another.', 'Limit the whole match instead.'),
  'times-window-ignored': warning('The window between repetitions of "{name}" has no effect, because it occurs at most once.', 'Remove it.'),
  'no-window': warning('Nothing says how long a match may take: attempts that never complete are kept for ever, and the state grows without bound.', 'Add a window: "all within …".'),
  'gap-window-needs-event': warning('Only windows between neighbours: as in Flink, an absence completes and attempts time out only when the same key has its next event.', 'Add a window for the whole match, or switch on "advance every key".'),

  // --- silent traps
  'trailing-not-window-elsewhere': warning('The pattern ends with "{name}" not happening, but its window stands on an earlier stage: Flink then drops the absence without a word.', 'Move the window to the pattern.'),
  'trailing-not-negative-window': warning('The pattern ends with "{name}" not happening, but its window is not above 0: Flink then drops the absence without a word.', 'Give the window a length above 0.'),
  'trailing-not-in-group': warning('Flink drops "{name}" without a word, because an absence is the last stage of the group "{group}".', 'Move it out of the group, behind it.'),
  'trailing-not-next': warning('The pattern ends with "not immediately {name}": the match waits for one more event, and is lost if the window ends first.', 'Use "and nothing by …" if silence is meant.'),
  'not-before-optional': warning('"{gate}" stands before the optional "{name}": as soon as "{name}" is taken, the absence no longer counts.', 'Require "{name}", or accept it.'),
  'gate-without-condition': warning('"{name}" has no condition, so any event counts as the one that must not happen.', 'Write its condition.'),
  'greedy-on-last': warning('"{name}" is the last stage, so "as many as possible" has no effect: every shorter match is reported too.', 'Switch it off, or choose "then start fresh" after a match.'),
  'greedy-exact': warning('"{name}" occurs exactly {times} times, so "as many as possible" has no effect.', 'Switch it off.'),
  'greedy-range': warning('"{name}" takes as many as possible up to {to}: one more such event before the next stage ends the attempt without a match.', 'Choose "{from} or more", or switch it off.'),
  'only-optional': warning('Every stage is optional; no empty match is reported, so at least one of them must occur.', 'Require one stage.'),
  'looping-group-can-be-empty': error('The group "{name}" repeats, and all its stages may be left out: Flink would loop for ever at the first event.', 'Require one stage of the group, or give the repetition an end.'),
  'not-after-empty-start': error('"{name}" must not happen, but everything before it may be left out: Flink fails at the first such event.', 'Require a stage before "{name}".'),
  'greedy-optional-until-after-not': error('"{name}" is greedy, optional and has a stop condition right after an absence: Flink fails at the stop event.', 'Switch off greedy or optional on "{name}".'),
  'condition-meets-empty-list': warning('Flink evaluates this condition once before "{stage}" holds an event, and then fails the job.', 'Begin with size({stage}) > 0 && …'),
  'condition-reads-later-stage': warning('"{stage}" comes after "{name}", so its list is always empty here.', 'Read an earlier stage.'),
  'condition-reads-gate': warning('"{stage}" must not happen, so its list is always empty.', 'Read a stage that takes events.'),
  'timed-out-without-window': warning('Timed-out partial matches are to be reported, but without a window none times out.', 'Add a window.'),
  'timed-out-text-unused': warning('There is a text for timed-out partial matches, but they are not reported.', 'Switch on "report timed-out partial matches".'),
} as const satisfies Record<string, Entry>;

export type IssueCode = keyof typeof ISSUES;

/** Fills `{value}` placeholders; what has no value stays as it is. */
export function fillText(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, key: string) => (Object.hasOwn(values, key) ? String(values[key]) : whole));
}
