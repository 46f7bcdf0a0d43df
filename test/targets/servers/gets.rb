# RIGHT: gets() waits for the end of the line.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    while (line = client.gets)
      name, *numbers = line.split(',')
      client.write("#{name}: #{numbers.sum(&:to_i)}\n")
    end
  rescue SystemCallError
    nil
  ensure
    client.close
  end
end
