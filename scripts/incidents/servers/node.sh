# Sourced by cases with services on npm packages: bin/node_modules, so that no path of the source tree gets into a stack trace.
cp -rl "$here/.build/node_modules" "$home/bin/node_modules" 2>/dev/null || cp -r "$here/.build/node_modules" "$home/bin/node_modules"
export NODE_ENV=production
