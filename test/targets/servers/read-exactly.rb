# RIGHT: read(n) gives n bytes or the end.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    while (prefix = client.read(3)) && prefix.bytesize == 3
      body = client.read(prefix.unpack1('@0C') * 256 + prefix.unpack1('@1C'))
      break if body.nil?

      client.write([body.bytesize, body.sum].pack('nN'))
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
