"""Gives back every frame: struct.pack('>I', length), then the payload."""

from wire import receive_frame, send_frame, serve

serve(lambda connection: send_frame(connection, receive_frame(connection)))
