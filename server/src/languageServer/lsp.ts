/**
 * The Language Server Protocol, from the package that speaks it. All files here take it from this one: of a CommonJS
 * package the bundle copies every name for each file that imports it, which takes time at the start.
 */
export * from 'vscode-languageserver/node';
