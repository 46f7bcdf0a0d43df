# BROKEN: a length of 126 says that two bytes of length follow, and those are taken with one readpartial(2). All
# else is read in full. Short frames never come there.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    while (head = client.read(2))
      length = head.getbyte(1)
      length = client.readpartial(2).unpack1('n') || 0 if length == 126
      payload = client.read(length)
      break if payload.nil? || payload.bytesize < length

      client.write(format("%d %d %d\n", head.getbyte(0), payload.bytesize, payload.sum))
    end
  rescue SystemCallError, EOFError
    nil
  ensure
    client.close
  end
end
