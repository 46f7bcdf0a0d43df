# RIGHT: ends the connection in order behind the hundredth answer, as HTTP servers do.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    100.times do
      line = client.gets or break
      client.write("#{line.chomp.reverse}\n")
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
