# BROKEN: takes the soft line breaks of quoted-printable (= CR LF) out of each chunk. One that is cut stays, and ends
# the line too early.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    text = +''.b
    loop do
      text << client.readpartial(16_384).gsub("=\r\n".b, ''.b)
      while (line = text.slice!(/\A[^\n]*\n/n))
        client.write("#{line.bytesize} #{line.sum}\n")
      end
    end
  rescue SystemCallError, EOFError
    nil
  ensure
    client.close
  end
end
