/** The one file of a drop, and whether it is a folder (which a File object does not say). */
export interface Dropped { readonly file: File; readonly folder: boolean }

export function droppedFile(transfer: DataTransfer | null): Dropped | null {
  const item = Array.from(transfer?.items ?? []).find((entry) => entry.kind === 'file');
  const file = item?.getAsFile() ?? transfer?.files[0] ?? null;
  return file === null ? null : { file, folder: item?.webkitGetAsEntry?.()?.isDirectory ?? false };
}

/** A drag that carries a file (its name is not readable before the drop). */
export const carriesFile = (transfer: DataTransfer | null): boolean => Array.from(transfer?.types ?? []).includes('Files');
