@rem cmd.exe has no exec, with which scripts in package.json begin (examples/support/end-with-npm.ts).
@%*
