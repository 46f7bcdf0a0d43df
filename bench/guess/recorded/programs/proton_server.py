"""A server of AMQP 1.0 that takes all messages: PORT."""

import sys

from proton.handlers import MessagingHandler
from proton.reactor import Container


class Sink(MessagingHandler):
    """Takes messages, and accepts each."""

    def on_start(self, event):
        self.acceptor = event.container.listen("127.0.0.1:" + sys.argv[1])

    def on_link_opening(self, event):
        event.link.target.copy(event.link.remote_target)


Container(Sink()).run()
