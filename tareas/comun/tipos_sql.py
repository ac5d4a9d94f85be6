"""Columnas que se repiten en los modelos."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, DateTime, Identity, SmallInteger, Text, text
from sqlalchemy.orm import mapped_column

Id = Annotated[int, mapped_column(BigInteger, Identity(always=False), primary_key=True)]
Entero = Annotated[int, mapped_column(BigInteger)]
Corto = Annotated[int, mapped_column(SmallInteger)]
Texto = Annotated[str, mapped_column(Text)]
Momento = Annotated[datetime, mapped_column(DateTime(timezone=True))]
Ahora = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=text("ahora()"))]
