import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
from celery import shared_task
from django.conf import settings
from django.db import close_old_connections, connection, connections

from .models import Order


def recount():
    Order.objects.filter(paid=True).count()


def recount_closing():
    try:
        Order.objects.filter(paid=True).count()
    finally:
        connection.close()


def recount_all():
    try:
        Order.objects.count()
    finally:
        connections.close_all()


def start():
    threading.Thread(target=recount, daemon=True).start()  # site: leak PGC112 library=django category=thread-not-closed


def start_closing():
    threading.Thread(target=recount_closing).start()  # site: correct library=django


def start_all():
    thread = threading.Thread(target=recount_all)  # site: correct library=django
    thread.start()
    thread.join()


def mark(id):
    close_old_connections()
    Order.objects.filter(pk=id).update(paid=True)
    close_old_connections()


def mark_open(id):
    Order.objects.filter(pk=id).update(paid=True)


def mark_many(ids):
    with ThreadPoolExecutor(max_workers=8) as executor:
        executor.map(mark, ids)  # site: correct library=django


def mark_many_open(ids):
    with ThreadPoolExecutor(max_workers=8) as executor:
        executor.map(mark_open, ids)  # site: leak PGC112 library=django category=thread-not-closed


@shared_task
def task():
    Order.objects.count()


def dump():
    db = settings.DATABASES["default"]
    conn = psycopg2.connect(dbname=db["NAME"], user=db["USER"])  # site: leak PGC101 library=psycopg2 category=never-released
    cur = conn.cursor()
    cur.execute("SELECT * FROM orders")
    return cur.fetchall()


class Refresher(threading.Thread):
    def __init__(self):
        super().__init__()

    def run(self):
        Order.objects.filter(paid=False).delete()


def refresh():
    Refresher().start()  # site: leak PGC112 library=django category=thread-not-closed
