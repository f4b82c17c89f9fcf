-- The arguments of a script by name: those that the line `@takes` of its head names.
local args = cjson.decode(ARGV[2])
