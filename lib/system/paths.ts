/** File names, as `node:path` makes them; it is slow to load. */

/** As `join`. */
export function fileIn(folder: string, name: string): string {
  return `${folder.replace(/\/*$/, "/")}${name}`;
}

/** As `dirname`. */
export function folderOf(file: string): string {
  const folder = file.replace(/\/+$/, "").replace(/\/*[^/]*$/, "");
  if (folder !== "") return folder;
  return file.startsWith("/") ? "/" : ".";
}
