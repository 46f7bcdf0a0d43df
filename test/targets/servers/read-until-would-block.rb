# BROKEN: reads until read_nonblock() would block, and takes that for the end of the message.
require 'socket'

def drain(client)
  data = +''
  loop { data << client.read_nonblock(16_384) }
rescue IO::WaitReadable
  data
end

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    while client.wait_readable
      request = drain(client)
      count = request.scan(/<item>/).length
      status = request.rstrip.end_with?('</order>') ? 'ok' : 'malformed'
      client.write("<reply items=\"#{count}\" status=\"#{status}\"/>\n")
    end
  rescue EOFError, SystemCallError
    client.close
  end
end
