# RIGHT: the first answer for a key says MISS, all later ones HIT.
require 'socket'

cache = {}
server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    while (line = client.gets)
      key = line.strip
      state = cache.key?(key) ? 'HIT' : 'MISS'
      cache[key] ||= key.sum
      client.write("#{state} #{cache[key]}\n")
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
