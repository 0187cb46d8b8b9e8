from django.db import connection, connections, transaction
from django.http import JsonResponse

from .models import Order


def orders(request):
    with connection.cursor() as cursor:  # site: correct library=django
        cursor.execute("SELECT * FROM orders")
        return JsonResponse({"orders": cursor.fetchall()})


def totals(request):
    cursor = connections["reports"].cursor()  # site: correct library=django
    try:
        cursor.execute("SELECT sum(total) FROM orders")
        return JsonResponse({"total": cursor.fetchone()[0]})
    finally:
        cursor.close()


@transaction.atomic
def pay(request, id):
    order = Order.objects.select_for_update().get(pk=id)  # site: correct library=django
    order.paid = True
    order.save()
    return JsonResponse({"paid": True})


def count(request):
    cursor = connection.cursor()  # site: correct library=django
    cursor.execute("SELECT count(*) FROM orders")
    return JsonResponse({"count": cursor.fetchone()[0]})
