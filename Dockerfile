# One image for web, worker and beat; compose.yaml shows the production shape.
FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DJANGO_SETTINGS_MODULE=cmncp_portal.settings.prod CMNCP_VAR=/srv/var
RUN useradd --system --create-home --home-dir /srv/portal portal && mkdir /srv/var && chown portal /srv/var
WORKDIR /srv/portal
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . .
RUN python -m cmncp_portal.messages_tool --compile
USER portal
VOLUME /srv/var
EXPOSE 8000
CMD ["sh", "-c", "python manage.py build_fonts && python manage.py collectstatic --noinput && exec gunicorn cmncp_portal.wsgi --bind 0.0.0.0:8000 --workers 2 --threads 4 --no-control-socket"]
