"""PostgreSQL as the oracle talks to it: values are the text that the types'
output functions print."""

from psycopg import pq

GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK,
        pq.ExecStatus.EMPTY_QUERY)


class Answer:
    """Rows of texts (None for NULL) and how many a statement wrote, or the
    SQLSTATE and message."""

    def __init__(self, rows, sqlstate=None, message=None, count=None):
        self.rows = rows
        self.count = count
        self.sqlstate = sqlstate
        self.message = message


def encoded(text):
    return text.encode("utf-8", "surrogatepass")


def answer_of(result):
    if result.status not in GOOD:
        state = result.error_field(pq.DiagnosticField.SQLSTATE) or b"?"
        return Answer([], state.decode(),
                      result.error_message.decode(errors="replace"))
    rows = []
    for row in range(result.ntuples):
        cells = [result.get_value(row, column)
                 for column in range(result.nfields)]
        rows.append(tuple(None if cell is None else cell.decode()
                          for cell in cells))
    return Answer(rows, count=result.command_tuples)


class Session:
    """A connection to the server that the PG* variables name."""

    def __init__(self):
        self.connection = pq.PGconn.connect(b"client_encoding=UTF8")
        if self.connection.status != pq.ConnStatus.OK:
            raise RuntimeError(self.connection.error_message.decode())
        self.notices = []
        self.connection.notice_handler = self.keep_notice

    def keep_notice(self, result):
        self.notices.append(result.error_message.decode(errors="replace"))

    def query(self, sql):
        """Runs statements; the answer is the last one's."""
        return answer_of(self.connection.exec_(encoded(sql)))

    def copy_in(self, sql, lines):
        """COPY FROM STDIN of these lines."""
        result = self.connection.exec_(encoded(sql))
        if result.status != pq.ExecStatus.COPY_IN:
            return answer_of(result)
        self.connection.put_copy_data(encoded(lines))
        self.connection.put_copy_end()
        answer = answer_of(self.connection.get_result())
        while self.connection.get_result() is not None:
            pass
        return answer

    def run(self, sql):
        """As query, for statements that have to succeed."""
        answer = self.query(sql)
        if answer.sqlstate:
            raise RuntimeError("%s: %s\n%s" % (answer.sqlstate,
                                               answer.message, sql))
        return answer.rows
